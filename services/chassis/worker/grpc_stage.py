"""Runs a stage for a gRPC caller, as over the bus, and streams its progress and outputs."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Protocol, TypeVar

from google.protobuf.message import Message

from likeness.jobs.v1.artifact_pb2 import Artifact
from services.chassis.contracts.jobs import artifact_from_proto, artifact_to_proto, check_to_proto
from services.chassis.engine_api.spec import Progress
from services.chassis.worker.runner import StageOutcome, StageRunner

Response = TypeVar("Response", bound=Message)


class StageCall(Protocol):
    """The fields that the requests of all such calls share."""

    @property
    def workspace_id(self) -> str: ...
    @property
    def engine(self) -> str: ...
    @property
    def task(self) -> Message: ...
    @property
    def inputs(self) -> Mapping[str, Artifact]: ...


async def stream_stage(
    runner: StageRunner, request: StageCall, respond: Callable[..., Response]
) -> AsyncGenerator[Response]:
    """Yields responses with `progress`; the last one also has the `outputs` and `checks`."""
    inputs = {name: artifact_from_proto(each) for name, each in request.inputs.items()}
    items = runner.run(request.workspace_id, request.engine, request.task, inputs)
    async with aclosing(items):
        async for item in items:
            if isinstance(item, StageOutcome):
                outputs = {name: artifact_to_proto(each) for name, each in item.outputs.items()}
                checks = [check_to_proto(check) for check in item.checks]
                yield respond(progress=1.0, outputs=outputs, checks=checks)
            elif isinstance(item, Progress):
                yield respond(progress=item.fraction)
