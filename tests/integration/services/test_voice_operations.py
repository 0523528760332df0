"""Tests the voice service's operations beside conversion, over gRPC."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from likeness.jobs.v1.artifact_pb2 import Artifact
from likeness.jobs.v1.engines_pb2 import DescribeEnginesRequest, EffectStep
from likeness.jobs.v1.engines_pb2_grpc import EngineServiceStub
from likeness.voice.v1.voice_pb2 import (
    Alignment,
    ConversionTask,
    ConvertRequest,
    EffectChain,
    InspectReferenceRequest,
)
from likeness.voice.v1.voice_pb2_grpc import VoiceServiceStub
from services.chassis.contracts.jobs import artifact_to_proto, spec_from_proto
from services.chassis.contracts.timeline import timeline_from_json
from services.chassis.errors import LikenessError, Reason
from services.chassis.grpc.client import translated_errors
from services.chassis.storage import ObjectStore
from tests.conftest import StoreServer
from tests.integration.services.processes import RunningService, service_process
from tests.servers import NatsBroker

READER = Path("examples/reader.wav")
READ = (
    "And Mister John Dashwood had then leisure to consider how much there might be prudently in his power "
    "to do for them."
)
HALF = EffectStep(effect="tempo", amounts={"factor": 2.0})


@pytest.fixture(scope="module")
async def voice(
    broker: NatsBroker, store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningService]:
    async with service_process(
        "voice", broker.url, store_server, tmp_path_factory.mktemp("voice")
    ) as running:
        yield running


@pytest.fixture
async def reader(store: ObjectStore) -> Artifact:
    return artifact_to_proto(await store.put_file("ws", READER, "audio/wav"))


def first_second(folder: Path) -> Path:
    path = folder / "short.wav"
    path.write_bytes(READER.read_bytes()[: 44 + 2 * 16000])
    return path


async def convert(
    voice: RunningService, engine: str, task: ConversionTask, inputs: Mapping[str, Artifact]
) -> dict[str, Artifact]:
    request = ConvertRequest(workspace_id="ws", engine=engine, task=task, inputs=inputs)
    async with voice.channel() as channel:
        with translated_errors():
            responses = [response async for response in VoiceServiceStub(channel).Convert(request)]
    return dict(responses[-1].outputs)


async def test_a_recording_is_aligned_and_its_timeline_follows_effects(
    voice: RunningService, store: ObjectStore, reader: Artifact
) -> None:
    task = ConversionTask(alignment=Alignment(transcript=READ, language="en-GB"))
    aligned = await convert(voice, "sphinx", task, {"speech": reader})
    assert set(aligned) == {"timeline"}
    before = timeline_from_json(await store.read(aligned["timeline"].key))
    assert " ".join(word.text for word in before.words) == READ.rstrip(".")

    task = ConversionTask(effects=EffectChain(steps=[HALF, EffectStep(effect="whisper")]))
    changed = await convert(voice, "effects", task, {"speech": reader, **aligned})
    after = timeline_from_json(await store.read(changed["timeline"].key))
    assert after.duration == pytest.approx(before.duration / 2, abs=0.01)
    assert after.words[-1].start == pytest.approx(before.words[-1].start / 2)
    assert changed["speech"].sha256 != reader.sha256


async def test_engines_describe_their_operations_and_presets(voice: RunningService) -> None:
    async with voice.channel() as channel:
        described = await EngineServiceStub(channel).DescribeEngines(DescribeEnginesRequest())
    specs = {spec.name: spec for spec in map(spec_from_proto, described.engines)}
    assert {name: spec.operations for name, spec in specs.items()} == {
        "world": ("convert",),
        "effects": ("effects",),
        "sphinx": ("align",),
    }
    assert {"radio", "robot"} <= {preset.name for preset in specs["effects"].presets}


@pytest.mark.parametrize(
    ("engine", "task", "message"),
    [
        ("world", ConversionTask(alignment=Alignment()), "world cannot align"),
        ("sphinx", ConversionTask(), "sphinx cannot convert"),
        ("effects", ConversionTask(effects=EffectChain()), "0 steps"),
        (
            "effects",
            ConversionTask(effects=EffectChain(steps=[EffectStep(effect="eco")])),
            "did you mean echo",
        ),
    ],
)
async def test_an_unsupported_operation_is_refused(
    voice: RunningService, reader: Artifact, engine: str, task: ConversionTask, message: str
) -> None:
    with pytest.raises(LikenessError, match=message) as refused:
        await convert(voice, engine, task, {"speech": reader})
    assert refused.value.reason is Reason.INVALID_ARGUMENT


async def test_a_reference_is_inspected(
    voice: RunningService, store: ObjectStore, reader: Artifact, tmp_path: Path
) -> None:
    async with voice.channel() as channel:
        stub = VoiceServiceStub(channel)
        seen = await stub.InspectReference(InspectReferenceRequest(engine="world", reference=reader))
        assert 85 < seen.pitch_hz < 110
        assert 4 < seen.speech_seconds < 7.1
        assert seen.signal_to_noise_db > 20

        short = artifact_to_proto(await store.put_file("ws", first_second(tmp_path), "audio/wav"))
        with pytest.raises(LikenessError, match="s of speech, and 2 s are needed"), translated_errors():
            await stub.InspectReference(InspectReferenceRequest(engine="world", reference=short))
