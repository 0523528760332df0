"""A service with the scripted engine: `python -m tests.integration.chassis.scripted_service NAME`.

Its task is the contract's `SynthesisTask`: the text is the command, the voice its path.
"""

import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from grpc import aio

from likeness.tts.v1.tts_pb2 import (
    InspectScriptRequest,
    InspectScriptResponse,
    SynthesisTask,
    SynthesizeRequest,
    SynthesizeResponse,
)
from likeness.tts.v1.tts_pb2_grpc import TtsServiceServicer, add_TtsServiceServicer_to_server
from services.chassis.engine_api.entry import EngineEntry
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.pool import EnginePool
from services.chassis.engine_host.registry import EngineRegistry
from services.chassis.settings import WorkerSettings
from services.chassis.storage import ObjectStore
from services.chassis.worker.runner import Product, StageResult, StageRunner
from services.chassis.worker.service import GrpcService, WorkerService, serve
from tests.integration.chassis.scripted_engine import Command

MODULE = "tests.integration.chassis.scripted_engine"
ENGINES = (
    EngineEntry("scripted", f"{MODULE}:ScriptedEngine"),
    EngineEntry("unavailable", f"{MODULE}:UnavailableEngine"),
)


class CommandHandler:
    task_type = SynthesisTask

    async def run(
        self, engine: EnginePool, task: SynthesisTask, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[Progress | StageResult]:
        output = scratch / "output.txt"
        path = inputs.get("in", Path(task.voice))
        async with aclosing(engine.run("execute", Command(task.text, path))) as items:
            async for item in items:
                if isinstance(item, Progress):
                    yield item
                else:
                    output.write_text(item)
        yield StageResult({"output": Product(output, "text/plain")}, media_seconds=2.5)


class CommandServicer(TtsServiceServicer):
    def __init__(self, runner: StageRunner) -> None:
        self._runner = runner

    async def Synthesize(  # noqa: N802 - the contract's name
        self, request: SynthesizeRequest, context: Any
    ) -> AsyncGenerator[SynthesizeResponse]:
        command = Command(request.task.text, Path(request.task.voice))
        async with aclosing(self._runner.pool(request.engine).run("execute", command)) as items:
            async for item in items:
                yield SynthesizeResponse(pcm=str(item).encode())

    async def InspectScript(  # noqa: N802 - the contract's name
        self, request: InspectScriptRequest, context: Any
    ) -> InspectScriptResponse:
        return InspectScriptResponse()


def add_command_servicer(runner: StageRunner, store: ObjectStore, server: aio.Server) -> None:
    add_TtsServiceServicer_to_server(CommandServicer(runner), server)


def main() -> None:
    name = sys.argv[1]
    service = WorkerService(
        name=name,
        settings=WorkerSettings(),  # pyright: ignore[reportCallIssue] - the environment has the rest
        engines=EngineRegistry(name, ENGINES),
        stage_handler=CommandHandler(),
        grpc_service=GrpcService("likeness.tts.v1.TtsService", add_command_servicer),
        spare_hosts=1,
    )
    serve(service)


if __name__ == "__main__":
    main()
