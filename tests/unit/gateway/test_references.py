"""References are listened to before a video is accepted; the voice service is a server in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from grpc import aio

from likeness.voice.v1.voice_pb2 import (
    ConvertRequest,
    ConvertResponse,
    InspectReferenceRequest,
    InspectReferenceResponse,
)
from likeness.voice.v1.voice_pb2_grpc import VoiceServiceServicer, add_VoiceServiceServicer_to_server
from services.chassis.errors import EngineCrashed, InvalidArgument, LikenessError
from services.chassis.grpc_server import GrpcServer
from services.gateway.errors import ApiError
from services.gateway.speech.conversion_client import ConversionClient
from services.gateway.videos.references import inspect_references
from services.gateway.videos.spec import ConversionSpec, OutputSpec, SceneSpec, ScriptSpec, VideoSpec
from tests.unit.gateway.jobs import MUX, TTS, VIDEO, VOICE, build_artifact


class FakeVoiceService(VoiceServiceServicer):
    def __init__(self, refusals: dict[str, LikenessError]) -> None:
        self.refusals = refusals
        self.heard: list[str] = []

    def Convert(  # noqa: N802 - the contract's name
        self, request: ConvertRequest, context: Any
    ) -> AsyncIterator[ConvertResponse]:
        raise AssertionError("nobody is to convert anything")

    async def InspectReference(  # noqa: N802 - the contract's name
        self, request: InspectReferenceRequest, context: Any
    ) -> InspectReferenceResponse:
        self.heard.append(request.reference.sha256)
        if request.reference.sha256 in self.refusals:
            raise self.refusals[request.reference.sha256]
        return InspectReferenceResponse(speech_seconds=5.0)


@asynccontextmanager
async def client_of(service: FakeVoiceService) -> AsyncIterator[ConversionClient]:
    server = GrpcServer("127.0.0.1", 0)
    add_VoiceServiceServicer_to_server(service, server.server)
    await server.start(["likeness.voice.v1.VoiceService"])
    async with aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield ConversionClient(channel)
    await server.stop()


def video(*references: str | None) -> VideoSpec:
    scenes = tuple(
        SceneSpec(
            build_artifact("portrait"),
            ScriptSpec("Hello.", TTS, "en-us"),
            VIDEO,
            conversion=ConversionSpec(VOICE, build_artifact(name) if name else None),
        )
        for name in references
    )
    return VideoSpec(scenes, OutputSpec(512, 512, MUX))


async def test_each_reference_is_heard_once() -> None:
    service = FakeVoiceService({})
    async with client_of(service) as client:
        await inspect_references(client, video("one", None, "other", "one"), many=True)
    assert service.heard == ["one", "other"]


@pytest.mark.parametrize(
    ("many", "param"), [(True, "scenes.1.conversion.reference"), (False, "conversion.reference")]
)
async def test_a_refusal_names_the_field_and_what_was_measured(many: bool, param: str) -> None:
    service = FakeVoiceService({"short": InvalidArgument("the reference has 0.4 s of speech")})
    async with client_of(service) as client:
        with pytest.raises(ApiError, match=r"0\.4 s of speech") as refused:
            await inspect_references(client, video("good", "short"), many=many)
    assert (refused.value.status, refused.value.code, refused.value.param) == (
        422,
        "reference_invalid",
        param,
    )


async def test_a_service_that_cannot_answer_refuses_nothing() -> None:
    service = FakeVoiceService({"good": EngineCrashed("gone")})
    async with client_of(service) as client:
        await inspect_references(client, video("good"), many=False)
    assert service.heard == ["good"]
