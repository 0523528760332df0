"""The gRPC server that every service has."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from likeness.jobs.v1.engines_pb2 import DescribeEnginesRequest
from likeness.jobs.v1.engines_pb2_grpc import EngineServiceStub
from likeness.tts.v1.tts_pb2 import SynthesisTask, SynthesizeRequest
from likeness.tts.v1.tts_pb2_grpc import TtsServiceStub
from services.chassis.errors import LikenessError, Reason
from services.chassis.grpc.client import translated_errors
from tests.integration.chassis.conftest import RunningWorker
from tests.integration.chassis.processes import is_running, wait_until, wait_until_ended

TRACE_ID = "1af7651916cd43dd8448eb211c80319c"


@pytest.fixture
async def channel(worker: RunningWorker) -> AsyncIterator[aio.Channel]:
    async with aio.insecure_channel(f"127.0.0.1:{worker.grpc_port}") as channel:
        yield channel


def request(command: str, path: object = "", *, engine: str = "scripted") -> SynthesizeRequest:
    return SynthesizeRequest(engine=engine, task=SynthesisTask(text=command, voice=str(path)))


async def test_the_engines_items_are_streamed(channel: aio.Channel) -> None:
    responses = [each.pcm async for each in TtsServiceStub(channel).Synthesize(request("count"))]
    assert responses[-1] == b"done"
    assert len(responses) == 4


@pytest.mark.parametrize(
    ("call_request", "reason"),
    [
        (request("refuse"), Reason.FACE_NOT_FOUND),
        (request("fail"), Reason.INTERNAL),
        (request("crash"), Reason.ENGINE_CRASHED),
        (request("count", engine="other"), Reason.ENGINE_UNKNOWN),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_errors_arrive_with_their_reason(
    channel: aio.Channel, call_request: SynthesizeRequest, reason: Reason
) -> None:
    with pytest.raises(LikenessError) as caught, translated_errors():
        async for _ in TtsServiceStub(channel).Synthesize(call_request):
            pass
    assert caught.value.reason is reason
    assert caught.value.message


async def test_a_caller_that_goes_away_ends_the_work(channel: aio.Channel, tmp_path: Path) -> None:
    call = TtsServiceStub(channel).Synthesize(request("wait", tmp_path / "never"))
    first = await anext(aiter(call))
    pids = [int(pid) for pid in first.pcm.split()]
    assert all(map(is_running, pids))
    call.cancel()
    await wait_until_ended(*pids, within=2.0)


async def test_the_callers_trace_is_continued(channel: aio.Channel, worker: RunningWorker) -> None:
    metadata = (("traceparent", f"00-{TRACE_ID}-b7ad6b7169203331-01"),)
    async for _ in TtsServiceStub(channel).Synthesize(request("count"), metadata=metadata):
        pass
    await wait_until(lambda: any(span["context"]["trace_id"] == f"0x{TRACE_ID}" for span in worker.spans()))
    span = next(span for span in worker.spans() if span["context"]["trace_id"] == f"0x{TRACE_ID}")
    assert (span["name"], span["kind"]) == ("rpc.Synthesize", "SpanKind.SERVER")


async def test_the_engines_are_described(channel: aio.Channel) -> None:
    described = await EngineServiceStub(channel).DescribeEngines(DescribeEnginesRequest())
    assert [(engine.name, engine.version) for engine in described.engines] == [("scripted", "1")]


@pytest.mark.parametrize("name", ["", "likeness.tts.v1.TtsService", "likeness.jobs.v1.EngineService"])
async def test_standard_health_checking(channel: aio.Channel, name: str) -> None:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    response = await stub.Check(health_pb2.HealthCheckRequest(service=name))
    assert response.status == health_pb2.HealthCheckResponse.SERVING


async def test_reflection_lists_the_services(channel: aio.Channel) -> None:
    call_request = reflection_pb2.ServerReflectionRequest(list_services="")
    stub_class: Any = reflection_pb2_grpc.ServerReflectionStub
    response = await anext(aiter(stub_class(channel).ServerReflectionInfo(iter([call_request]))))
    names = {service.name for service in response.list_services_response.service}
    assert {"likeness.tts.v1.TtsService", "likeness.jobs.v1.EngineService"} <= names
