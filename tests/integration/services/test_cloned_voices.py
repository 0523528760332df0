"""Tests that the TTS service makes speakers over the bus, and speaks as them over gRPC."""

import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from likeness.jobs.v1.artifact_pb2 import Artifact
from likeness.jobs.v1.stages_pb2 import StageCompleted, StageFailed, StageRef, StageRequested
from likeness.tts.v1.tts_pb2 import Cloning, SynthesisTask, SynthesizeRequest
from likeness.tts.v1.tts_pb2_grpc import TtsServiceStub
from services.chassis.bus.codec import pack
from services.chassis.bus.nats.bus import NatsBus
from services.chassis.bus.protocol import Bus
from services.chassis.bus.subjects import stage_subject, status_subject
from services.chassis.contracts.jobs import artifact_to_proto
from services.chassis.errors import LikenessError, Reason
from services.chassis.grpc.client import translated_errors
from services.chassis.storage import ObjectStore
from services.chassis.worker.status_batch import statuses_in
from services.tts.stage_handler import SPEAKER_MEDIA_TYPE
from tests.conftest import StoreServer
from tests.examples import READER
from tests.integration.services.processes import RunningService, service_process
from tests.mimic.install import mimic_variables
from tests.servers import NatsBroker

GREETING = SynthesisTask(text="Hello there, my friend.", voice="en-us")


@pytest.fixture(scope="module")
async def tts(
    broker: NatsBroker, store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningService]:
    folder = tmp_path_factory.mktemp("tts")
    async with service_process("tts", broker.url, store_server, folder, mimic_variables()) as service:
        yield service


@pytest.fixture(scope="module")
async def bus(broker: NatsBroker) -> AsyncIterator[Bus]:
    bus = await NatsBus.connect(broker.url, name="test", lease_seconds=60)
    yield bus
    await bus.close()


@pytest.fixture
async def speaker(tts: RunningService, bus: Bus, store: ObjectStore) -> Artifact:
    reference = artifact_to_proto(await store.put_file("ws", READER, "audio/wav"))
    made = await run_stage(bus, SynthesisTask(cloning=Cloning()), {"reference": reference})
    assert isinstance(made, StageCompleted), made
    return made.outputs["speaker"]


async def run_stage(
    bus: Bus, task: SynthesisTask, inputs: Mapping[str, Artifact]
) -> StageCompleted | StageFailed:
    stage = StageRef(workspace_id="ws", job_id="v", stage_id=secrets.token_hex(6), attempt=1)
    request = StageRequested(stage=stage, engine="mimic", inputs=inputs, timeout_seconds=120)
    request.task.Pack(task)
    await bus.publish(pack(stage_subject("tts", "mimic"), request, source="test"))
    async with bus.consume(status_subject("tts"), prefetch=1) as deliveries:
        async for delivery in deliveries:
            await delivery.ack()
            statuses: list[Any] = [status for status, _ in statuses_in(delivery.envelope)]
            for status in statuses:
                ended = isinstance(status, StageCompleted | StageFailed)
                if ended and status.stage.stage_id == stage.stage_id:
                    return status
    raise AssertionError("the queue ended")


async def spoken(tts: RunningService, engine: str, inputs: Mapping[str, Artifact]) -> bytes:
    async with tts.channel() as channel:
        request = SynthesizeRequest(engine=engine, task=GREETING, inputs=inputs)
        with translated_errors():
            chunks = [response.pcm async for response in TtsServiceStub(channel).Synthesize(request)]
    return b"".join(chunks)


async def test_a_speaker_has_its_media_type(speaker: Artifact) -> None:
    assert speaker.media_type == SPEAKER_MEDIA_TYPE


async def test_both_entries_speak_as_the_speaker(
    tts: RunningService, bus: Bus, store: ObjectStore, speaker: Artifact
) -> None:
    cloned = await spoken(tts, "mimic", {"speaker": speaker})
    assert cloned != await spoken(tts, "mimic", {})
    made = await run_stage(bus, GREETING, {"speaker": speaker})
    assert isinstance(made, StageCompleted), made
    assert (await store.read(made.outputs["speech"].key)).endswith(cloned)


async def test_a_stage_without_recordings_fails(tts: RunningService, bus: Bus) -> None:
    failed = await run_stage(bus, SynthesisTask(cloning=Cloning()), {})
    assert isinstance(failed, StageFailed)
    assert "lacks its input 'reference'" in failed.error.message


async def test_an_engine_that_cannot_clone_refuses_the_speaker(
    tts: RunningService, speaker: Artifact
) -> None:
    with pytest.raises(LikenessError, match="espeak cannot speak in a cloned voice") as refused:
        await spoken(tts, "espeak", {"speaker": speaker})
    assert refused.value.reason is Reason.INVALID_ARGUMENT
