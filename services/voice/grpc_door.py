"""How callers who wait enter the voice service."""

from collections.abc import AsyncGenerator
from typing import Any

from grpc import aio

from likeness.voice.v1.voice_pb2 import ConvertRequest, ConvertResponse
from likeness.voice.v1.voice_pb2_grpc import VoiceServiceServicer, add_VoiceServiceServicer_to_server
from services.chassis.grpc_stage import stream_stage
from services.chassis.stage import StageRunner
from services.chassis.storage import ObjectStore


class VoiceServicer(VoiceServiceServicer):
    def __init__(self, runner: StageRunner) -> None:
        self._runner = runner

    def Convert(  # noqa: N802 - the contract's name
        self, request: ConvertRequest, context: Any
    ) -> AsyncGenerator[ConvertResponse]:
        return stream_stage(self._runner, request, ConvertResponse)


def add_voice_servicer(runner: StageRunner, store: ObjectStore, server: aio.Server) -> None:
    add_VoiceServiceServicer_to_server(VoiceServicer(runner), server)
