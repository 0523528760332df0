"""Tests the four services with their own engines, each a process, on one scene."""

import io
import itertools
import secrets
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import av
import pytest
from google.protobuf.message import Message
from grpc import aio

from likeness.jobs.v1.artifact_pb2 import Artifact
from likeness.jobs.v1.stages_pb2 import StageCompleted, StageRef, StageRequested
from likeness.mux.v1.mux_pb2 import AssembleRequest, AssemblyTask, AudioFormat
from likeness.mux.v1.mux_pb2_grpc import MuxServiceStub
from likeness.tts.v1.tts_pb2 import InspectScriptRequest, Pronunciation, SynthesisTask, SynthesizeRequest
from likeness.tts.v1.tts_pb2_grpc import TtsServiceStub
from likeness.video.v1.video_pb2 import InspectPortraitRequest, Piece, RenderingTask, RenderRequest
from likeness.video.v1.video_pb2_grpc import VideoServiceStub
from likeness.voice.v1.voice_pb2 import ConversionTask, ConvertRequest
from likeness.voice.v1.voice_pb2_grpc import VoiceServiceStub
from services.chassis.bus.codec import pack
from services.chassis.bus.nats.bus import NatsBus
from services.chassis.bus.protocol import Bus
from services.chassis.bus.subjects import stage_subject, status_subject
from services.chassis.contracts.jobs import artifact_to_proto
from services.chassis.contracts.timeline import TIMELINE_MEDIA_TYPE, timeline_from_json
from services.chassis.errors import LikenessError, Reason
from services.chassis.grpc.client import translated_errors
from services.chassis.storage import ObjectStore
from services.chassis.worker.status_batch import statuses_in
from tests.conftest import StoreServer
from tests.examples import CAT, PORTRAIT, READER
from tests.integration.services.processes import RunningService, service_process
from tests.servers import NatsBroker

ENGINES = {"tts": "espeak", "voice": "world", "video": "puppet", "mux": "ffmpeg"}
SPEECH = SynthesisTask(text="Hello there.", voice="en-us", speed=1.0)
RENDERING = RenderingTask(width=128, height=128, fps=12.5)
LOUDNESS = -16.0

Artifacts = dict[str, Artifact]


@pytest.fixture(scope="module")
async def services(
    broker: NatsBroker, store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, RunningService]]:
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(
                service_process(name, broker.url, store_server, tmp_path_factory.mktemp(name))
            )
            for name in ENGINES
        }


@pytest.fixture(scope="module")
async def bus(broker: NatsBroker) -> AsyncIterator[Bus]:
    bus = await NatsBus.connect(broker.url, name="test", lease_seconds=60)
    yield bus
    await bus.close()


@pytest.fixture
async def portrait(store: ObjectStore) -> Artifact:
    return artifact_to_proto(await store.put_file("ws", PORTRAIT, "image/jpeg"))


@pytest.fixture
async def reference(store: ObjectStore) -> Artifact:
    return artifact_to_proto(await store.put_file("ws", READER, "audio/wav"))


async def run_stage(bus: Bus, service: str, task: Message, inputs: Artifacts) -> StageCompleted:
    stage = StageRef(workspace_id="ws", job_id="v", stage_id=secrets.token_hex(6), attempt=1)
    request = StageRequested(stage=stage, engine=ENGINES[service], inputs=inputs, timeout_seconds=120)
    request.task.Pack(task)
    await bus.publish(pack(stage_subject(service, ENGINES[service]), request, source="test"))
    async with bus.consume(status_subject(service), prefetch=1) as deliveries:
        async for delivery in deliveries:
            await delivery.ack()
            statuses: list[Any] = [status for status, _ in statuses_in(delivery.envelope)]
            for status in statuses:
                if status.stage.stage_id == stage.stage_id and status.DESCRIPTOR.name in (
                    "StageCompleted",
                    "StageFailed",
                ):
                    assert isinstance(status, StageCompleted), status
                    return status
    raise AssertionError("the queue ended")


async def call_stage(call: Any) -> Artifacts:
    """Returns the outputs of the last response; checks that progress never goes back."""
    progress, outputs = [0.0], {}
    async for response in call:
        progress.append(response.progress)
        outputs = dict(response.outputs)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    return outputs


def media_types(outputs: Artifacts) -> dict[str, str]:
    return {name: artifact.media_type for name, artifact in outputs.items()}


async def seconds_of_wav(store: ObjectStore, artifact: Artifact) -> float:
    with wave.open(io.BytesIO(await store.read(artifact.key))) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.getnframes() / file.getframerate()


async def test_a_scene_goes_through_all_four_services_over_the_bus(
    services: dict[str, RunningService], bus: Bus, store: ObjectStore, portrait: Artifact, reference: Artifact
) -> None:
    spoken = await run_stage(bus, "tts", SPEECH, {})
    assert media_types(dict(spoken.outputs)) == {"speech": "audio/wav", "timeline": TIMELINE_MEDIA_TYPE}
    timeline = timeline_from_json(await store.read(spoken.outputs["timeline"].key))
    assert [word.text for word in timeline.words] == ["Hello", "there"]
    assert timeline.language.startswith("en")
    assert timeline.duration == spoken.media_seconds
    assert timeline.duration == pytest.approx(await seconds_of_wav(store, spoken.outputs["speech"]), abs=1e-6)

    conversion = ConversionTask(pitch_semitones=2.0, strength=0.5)
    converted = await run_stage(bus, "voice", conversion, {**spoken.outputs, "reference": reference})
    assert media_types(dict(converted.outputs)) == {"speech": "audio/wav", "timeline": TIMELINE_MEDIA_TYPE}
    assert converted.outputs["speech"].sha256 != spoken.outputs["speech"].sha256

    rendered = await run_stage(bus, "video", RENDERING, {**converted.outputs, "portrait": portrait})
    assert media_types(dict(rendered.outputs)) == {"video": "video/mp4"}
    assert rendered.media_seconds >= converted.media_seconds

    inputs = {"video.0": rendered.outputs["video"], "speech.0": converted.outputs["speech"]}
    assembled = await run_stage(bus, "mux", AssemblyTask(scenes=1, loudness_lufs=LOUDNESS), inputs)
    assert media_types(dict(assembled.outputs)) == {
        "video": "video/mp4",
        "audio": "audio/mp4",
        "thumbnail": "image/jpeg",
    }
    with av.open(io.BytesIO(await store.read(assembled.outputs["video"].key))) as film:
        assert [stream.codec_context.name for stream in film.streams] == ["h264", "aac"]
        assert (film.streams.video[0].width, film.streams.video[0].height) == (128, 128)
    assert assembled.media_seconds == pytest.approx(rendered.media_seconds, abs=0.1)


async def test_speeches_are_assembled_into_audio_over_the_bus(
    services: dict[str, RunningService], bus: Bus, store: ObjectStore
) -> None:
    spoken = await run_stage(bus, "tts", SPEECH, {})
    task = AssemblyTask(
        scenes=2, loudness_lufs=LOUDNESS, audio_format=AudioFormat.AUDIO_FORMAT_MP3, gap_seconds=0.3
    )
    speech = spoken.outputs["speech"]
    assembled = await run_stage(bus, "mux", task, {"speech.0": speech, "speech.1": speech})
    assert media_types(dict(assembled.outputs)) == {"audio": "audio/mpeg"}
    assert assembled.media_seconds == pytest.approx(2 * spoken.media_seconds + 0.3, abs=1e-4)
    with av.open(io.BytesIO(await store.read(assembled.outputs["audio"].key)), "r") as audio:
        assert audio.streams.audio[0].codec_context.name.startswith("mp3")
        samples = sum(frame.samples for frame in audio.decode(audio=0))
    assert samples / 48_000 == pytest.approx(assembled.media_seconds, abs=1152 / 48_000)


async def test_audio_without_a_scenes_speech_is_refused_over_grpc(
    services: dict[str, RunningService], bus: Bus
) -> None:
    spoken = await run_stage(bus, "tts", SPEECH, {})
    task = AssemblyTask(scenes=2, loudness_lufs=LOUDNESS, audio_format=AudioFormat.AUDIO_FORMAT_M4A)
    request = AssembleRequest(
        workspace_id="ws", engine="ffmpeg", task=task, inputs={"speech.0": spoken.outputs["speech"]}
    )
    async with services["mux"].channel() as channel:
        with pytest.raises(LikenessError, match="Scene 2 has no speech") as refused, translated_errors():
            await call_stage(MuxServiceStub(channel).Assemble(request))
    assert refused.value.reason is Reason.INVALID_ARGUMENT


async def test_a_scene_goes_through_three_services_over_grpc(
    services: dict[str, RunningService], bus: Bus, portrait: Artifact
) -> None:
    """Compares with the bus: both entries use the same core, so the outputs are the same."""
    spoken = await run_stage(bus, "tts", SPEECH, {})
    conversion = ConversionTask(pitch_semitones=-3.0)
    inputs = dict(spoken.outputs)
    async with services["voice"].channel() as channel:
        request = ConvertRequest(workspace_id="ws", engine="world", task=conversion, inputs=inputs)
        converted = await call_stage(VoiceServiceStub(channel).Convert(request))
    assert converted == dict((await run_stage(bus, "voice", conversion, inputs)).outputs)

    inputs = {**converted, "portrait": portrait}
    async with services["video"].channel() as channel:
        request = RenderRequest(workspace_id="ws", engine="puppet", task=RENDERING, inputs=inputs)
        rendered = await call_stage(VideoServiceStub(channel).Render(request))
    assert rendered == dict((await run_stage(bus, "video", RENDERING, inputs)).outputs)

    async with services["mux"].channel() as channel:
        request = AssembleRequest(
            workspace_id="ws",
            engine="ffmpeg",
            task=AssemblyTask(scenes=1, loudness_lufs=LOUDNESS),
            inputs={"video.0": rendered["video"], "speech.0": converted["speech"]},
        )
        assembled = await call_stage(MuxServiceStub(channel).Assemble(request))
    assert set(assembled) == {"video", "audio", "thumbnail"}


def piece_of_scene(index: int) -> RenderingTask:
    """Returns one of three pieces of a scene that has two frames."""
    piece = Piece(index=index, count=3)
    return RenderingTask(width=128, height=128, fps=2.0, min_seconds=1.0, piece=piece)


async def test_the_pieces_of_a_scene_are_assembled(
    services: dict[str, RunningService], bus: Bus, store: ObjectStore, portrait: Artifact
) -> None:
    spoken = await run_stage(bus, "tts", SPEECH, {})
    inputs = {**spoken.outputs, "portrait": portrait}
    pieces = [await run_stage(bus, "video", piece_of_scene(index), inputs) for index in range(3)]
    assert [piece.media_seconds for piece in pieces] == [0.5, 0.5, 0.0]

    async with services["video"].channel() as channel:
        request = RenderRequest(workspace_id="ws", engine="puppet", task=piece_of_scene(1), inputs=inputs)
        assert await call_stage(VideoServiceStub(channel).Render(request)) == dict(pieces[1].outputs)
        request.task.piece.index = 3
        with pytest.raises(LikenessError, match="no piece 3 of 3") as refused, translated_errors():
            await call_stage(VideoServiceStub(channel).Render(request))
    assert refused.value.reason is Reason.INVALID_ARGUMENT

    videos = {f"video.0.{index}": piece.outputs["video"] for index, piece in enumerate(pieces)}
    task = AssemblyTask(scenes=1, loudness_lufs=LOUDNESS, parts=[3])
    assembled = await run_stage(bus, "mux", task, {**videos, "speech.0": spoken.outputs["speech"]})
    assert assembled.media_seconds == pytest.approx(1.0)
    film = await store.read(assembled.outputs["video"].key)
    with av.open(io.BytesIO(film), "r") as container:
        assert sum(1 for _ in container.decode(video=0)) == 2


async def test_streamed_speech_is_the_same_as_in_a_file(
    services: dict[str, RunningService], bus: Bus, store: ObjectStore
) -> None:
    spoken = await run_stage(bus, "tts", SPEECH, {})
    async with services["tts"].channel() as channel:
        request = SynthesizeRequest(engine="espeak", task=SPEECH)
        responses = [each async for each in TtsServiceStub(channel).Synthesize(request)]
    assert [word.text for each in responses for word in each.words] == ["Hello", "there"]
    with wave.open(io.BytesIO(await store.read(spoken.outputs["speech"].key))) as file:
        assert b"".join(each.pcm for each in responses) == file.readframes(file.getnframes())
        assert {each.sample_rate for each in responses} == {file.getframerate()}


async def test_a_script_is_inspected_without_being_spoken(services: dict[str, RunningService]) -> None:
    pronunciations = [Pronunciation(word="SQL", respelling="sequel")]
    async with services["tts"].channel() as channel:
        stub = TtsServiceStub(channel)

        async def inspected(task: SynthesisTask) -> str:
            with translated_errors():
                return (await stub.InspectScript(InspectScriptRequest(engine="espeak", task=task))).text

        good = SynthesisTask(text="[happy] SQL <sub alias='x'>is</sub> 5!", ssml=True, lexicon=pronunciations)
        assert await inspected(good) == " SQL is 5!"
        for bad in (
            SynthesisTask(text="Oh [sigh]."),
            SynthesisTask(text="<speak>a", ssml=True),
            SynthesisTask(text="Oh.", emotion="giddy"),
            SynthesisTask(text="Oh.", lexicon=[Pronunciation(word="Oh")]),
        ):
            with pytest.raises(LikenessError) as refused:
                await inspected(bad)
            assert refused.value.reason is Reason.INVALID_ARGUMENT


async def test_streamed_speech_has_its_emotions(services: dict[str, RunningService]) -> None:
    async with services["tts"].channel() as channel:
        task = SynthesisTask(text="[sad] Oh. [happy] Ah!", voice="en-us", emotion="calm")
        request = SynthesizeRequest(engine="espeak", task=task)
        responses = [each async for each in TtsServiceStub(channel).Synthesize(request)]
    emotions = [emotion for each in responses for emotion in each.emotions]
    assert list(dict.fromkeys(emotion.emotion for emotion in emotions)) == ["sad", "happy"]
    assert all(a.end_seconds <= b.start_seconds for a, b in itertools.pairwise(emotions))


async def test_a_portrait_is_inspected(services: dict[str, RunningService], portrait: Artifact) -> None:
    async with services["video"].channel() as channel:
        request = InspectPortraitRequest(engine="puppet", portrait=portrait)
        seen = await VideoServiceStub(channel).InspectPortrait(request)
    assert seen.width > 0 and seen.height > 0
    assert seen.face.left_eye.x < seen.face.right_eye.x
    assert seen.face.left_eye.y < seen.face.mouth_left.y < seen.face.chin.y


async def refusal(channel: aio.Channel, store: ObjectStore, portrait: bytes) -> Reason:
    artifact = artifact_to_proto(await store.put_bytes("ws", portrait, "image/png"))
    with pytest.raises(LikenessError) as caught, translated_errors():
        await VideoServiceStub(channel).InspectPortrait(
            InspectPortraitRequest(engine="puppet", portrait=artifact)
        )
    return caught.value.reason


async def test_an_unusable_portrait_is_refused(
    services: dict[str, RunningService], store: ObjectStore
) -> None:
    async with services["video"].channel() as channel:
        assert await refusal(channel, store, b"no picture") is Reason.MEDIA_UNREADABLE
        assert await refusal(channel, store, CAT.read_bytes()) is Reason.FACE_NOT_FOUND
