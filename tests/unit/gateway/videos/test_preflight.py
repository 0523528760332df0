"""Inspections of requests before they are accepted, with the services as servers in this process."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from grpc import aio

from likeness.tts.v1.tts_pb2 import InspectScriptRequest, InspectScriptResponse
from likeness.tts.v1.tts_pb2_grpc import TtsServiceServicer, add_TtsServiceServicer_to_server
from likeness.video.v1.video_pb2 import InspectPortraitRequest, InspectPortraitResponse
from likeness.video.v1.video_pb2_grpc import VideoServiceServicer, add_VideoServiceServicer_to_server
from likeness.voice.v1.voice_pb2 import InspectReferenceRequest, InspectReferenceResponse
from likeness.voice.v1.voice_pb2_grpc import VoiceServiceServicer, add_VoiceServiceServicer_to_server
from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.errors import EngineCrashed, FaceNotFound, InvalidArgument, LikenessError
from services.chassis.grpc.server import GrpcServer
from services.gateway.avatars.inspector import PortraitInspector
from services.gateway.components import Components
from services.gateway.intake.preflight import UNKNOWN_WORDS, Preflight, Question
from services.gateway.speech.client import SpeechClient
from services.gateway.speech.conversion_client import ConversionClient
from services.gateway.speech.spec import ConversionSpec, ScriptSpec
from services.gateway.videos.kind import questions_of
from services.gateway.videos.requests import Scene, VideoRequest
from services.gateway.videos.spec import OutputSpec, SceneSpec, VideoSpec
from tests.unit.chassis.worker_settings import worker_settings
from tests.unit.gateway.jobs.job_examples import MUX, TTS, VIDEO, VOICE, build_artifact

OUTPUT = OutputSpec(512, 512, MUX)
ONE = VideoRequest(script="Hello.")


def many(scenes: int) -> VideoRequest:
    return VideoRequest(scenes=[Scene(script="Hello.")] * scenes)


class Services(TtsServiceServicer, VoiceServiceServicer, VideoServiceServicer):
    """Services that raise `refusals` by text or digest, and know no word of any prompt."""

    def __init__(self, refusals: dict[str, LikenessError] | None = None) -> None:
        self.refusals = refusals or {}
        self.seen: list[str] = []
        self.formats: list[str] = []

    async def InspectScript(  # noqa: N802 - the contract's name
        self, request: InspectScriptRequest, context: Any
    ) -> InspectScriptResponse:
        self._see(request.task.text)
        return InspectScriptResponse()

    async def InspectReference(  # noqa: N802 - the contract's name
        self, request: InspectReferenceRequest, context: Any
    ) -> InspectReferenceResponse:
        self._see(request.reference.sha256)
        return InspectReferenceResponse(speech_seconds=5.0)

    async def InspectPortrait(  # noqa: N802 - the contract's name
        self, request: InspectPortraitRequest, context: Any
    ) -> InspectPortraitResponse:
        self._see(request.portrait.sha256)
        self.formats.append(f"{request.format} {request.width}x{request.height}")
        return InspectPortraitResponse(unknown_words=request.prompt.split())

    def Synthesize(self, request: Any, context: Any) -> Any:  # noqa: N802 - the contract's name
        raise AssertionError("no speech is to be synthesized")

    def Convert(self, request: Any, context: Any) -> Any:  # noqa: N802 - the contract's name
        raise AssertionError("no voice is to be converted")

    def Render(self, request: Any, context: Any) -> Any:  # noqa: N802 - the contract's name
        raise AssertionError("no video is to be rendered")

    def _see(self, subject: str) -> None:
        self.seen.append(subject)
        if subject in self.refusals:
            raise self.refusals[subject]


@asynccontextmanager
async def components_with(services: Services) -> AsyncGenerator[Components]:
    """Yields components that have only the clients of these services."""
    server = GrpcServer(worker_settings(grpc_port=0))
    add_TtsServiceServicer_to_server(services, server.server)
    add_VoiceServiceServicer_to_server(services, server.server)
    add_VideoServiceServicer_to_server(services, server.server)
    await server.start([])
    async with aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        clients = SimpleNamespace(
            speech=SpeechClient(channel),
            conversion=ConversionClient(channel),
            portraits=PortraitInspector(channel),
        )
        yield cast(Components, clients)
    await server.stop()


def scene(
    portrait: str = "portrait", text: str = "Hello.", reference: str | None = None, **fields: Any
) -> SceneSpec:
    conversion = ConversionSpec(VOICE, build_artifact(reference) if reference else None)
    script = ScriptSpec(text, TTS, "en-us")
    return SceneSpec(
        portrait=build_artifact(portrait), speech=script, engine=VIDEO, conversion=conversion, **fields
    )


def video(*scenes: SceneSpec) -> VideoSpec:
    return VideoSpec(scenes, OUTPUT)


async def answered(questions_of_videos: Sequence[Sequence[Question]]) -> Preflight:
    preflight = Preflight()
    await preflight.ask(question for questions in questions_of_videos for question in questions)
    return preflight


async def refusals(
    services: Services, *specs: VideoSpec, request: VideoRequest | None = None
) -> list[list[tuple[int, str, str | None, str]]]:
    """Returns status, code, field and message of the refusals of each video."""
    async with components_with(services) as components:
        questions_of_videos = [
            tuple(questions_of(components, request or many(len(spec.scenes)), spec)) for spec in specs
        ]
        preflight = await answered(questions_of_videos)
        found = [preflight.refusals_of(questions) for questions in questions_of_videos]
    return [[(each.status, each.code, each.param, each.message) for each in one] for one in found]


async def test_equal_inputs_are_inspected_once() -> None:
    services = Services()
    specs = video(scene("a", reference="one"), scene("b", reference="one")), video(scene("a", "[sad] No."))
    assert await refusals(services, *specs) == [[], []]
    assert sorted(services.seen) == ["[sad] No.", "a", "b", "one"]


async def test_a_refusal_names_the_first_field_with_the_refused_input() -> None:
    services = Services(
        {
            "[odd]": InvalidArgument("no such tag"),
            "short": InvalidArgument("0.4 s of speech"),
            "wall": FaceNotFound("no face"),
        }
    )
    good, bad = scene(), scene("wall", "[odd]", "short")
    told = [
        (422, "script_invalid", "scenes.1.script", "no such tag"),
        (422, "reference_invalid", "scenes.1.conversion.reference", "0.4 s of speech"),
        (422, "face_not_found", "scenes.1.image", "no face"),
    ]
    assert await refusals(services, video(good, bad, bad), video(good)) == [told, []]
    (alone,) = await refusals(services, video(scene("wall")), request=ONE)
    assert alone == [(422, "face_not_found", "image", "no face")]


GIVEN: list[tuple[dict[str, Any], str, str]] = [
    ({"image": "asset_1", "conversion": {}, "scenes": [{}]}, "conversion.reference", "image"),
    ({"avatar": "avatar_1", "scenes": [{"conversion": {}}]}, "scenes.0.conversion.reference", "avatar"),
    (
        {"image": "asset_1", "conversion": {}, "scenes": [{"avatar": {"image": "asset_2"}}]},
        "conversion.reference",
        "scenes.0.avatar",
    ),
    ({"avatar": {"image": "asset_1"}, "conversion": {}}, "conversion.reference", "avatar"),
]


@pytest.mark.parametrize(("fields", "reference", "portrait"), GIVEN)
async def test_a_refusal_names_its_field_where_the_request_gives_it(
    fields: dict[str, Any], reference: str, portrait: str
) -> None:
    services = Services({"short": InvalidArgument("0.4 s of speech"), "wall": FaceNotFound("no face")})
    request = VideoRequest.model_validate(fields)
    (found,) = await refusals(services, video(scene("wall", reference="short")), request=request)
    assert [param for _, _, param, _ in found] == [reference, portrait]


async def test_a_failing_service_refuses_nothing() -> None:
    gone = EngineCrashed("gone")
    services = Services({"portrait": gone, "voice": gone, "[sad] No.": gone})
    assert await refusals(services, video(scene(text="[sad] No.", reference="voice"))) == [[]]
    assert len(services.seen) == 3


async def test_unknown_words_become_warnings_of_their_scenes() -> None:
    spec = video(scene(), scene(prompt="dance"), scene(prompt="fly high"))
    async with components_with(Services()) as components:
        questions = tuple(questions_of(components, many(3), spec))
        warnings = (await answered([questions])).warnings_of(questions)
    assert [(warning.code, warning.stage) for warning in warnings] == [
        (UNKNOWN_WORDS, "scene-1/video"),
        (UNKNOWN_WORDS, "scene-2/video"),
    ]
    assert "fly, high" in warnings[1].message


async def test_an_overlay_is_inspected_for_the_person_too() -> None:
    services = Services()
    shown, cut_out = video(scene()), replace(OUTPUT, format=VideoFormat.VP9_ALPHA)
    await refusals(services, shown, replace(shown, output=cut_out))
    assert sorted(services.formats) == [" 0x0", "vp9-alpha 512x512"]
