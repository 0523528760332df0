"""Serves voice conversion and inspection of references over gRPC, for callers who wait for the answer."""

from collections.abc import AsyncGenerator
from typing import Any

from grpc import aio

from likeness.voice.v1.voice_pb2 import (
    ConvertRequest,
    ConvertResponse,
    InspectReferenceRequest,
    InspectReferenceResponse,
)
from likeness.voice.v1.voice_pb2_grpc import VoiceServiceServicer, add_VoiceServiceServicer_to_server
from services.chassis.contracts.jobs import artifact_from_proto
from services.chassis.disk import temporary_folder
from services.chassis.storage import ObjectStore
from services.chassis.worker.grpc_stage import stream_stage
from services.chassis.worker.runner import StageRunner
from services.voice.engines.protocol import Inspection
from services.voice.operations import inspect_reference


class VoiceServicer(VoiceServiceServicer):
    def __init__(self, runner: StageRunner, store: ObjectStore) -> None:
        self._runner = runner
        self._store = store

    def Convert(  # noqa: N802 - the contract's name
        self, request: ConvertRequest, context: Any
    ) -> AsyncGenerator[ConvertResponse]:
        return stream_stage(self._runner, request, ConvertResponse)

    async def InspectReference(  # noqa: N802 - the contract's name
        self, request: InspectReferenceRequest, context: Any
    ) -> InspectReferenceResponse:
        engine = self._runner.pool(request.engine)
        with temporary_folder("inspect-", self._runner.scratch) as folder:
            path = folder / "reference"
            await self._store.fetch(artifact_from_proto(request.reference), path)
            seen = await inspect_reference(engine, Inspection(path))
        return InspectReferenceResponse(
            speech_seconds=seen.speech_seconds,
            pitch_hz=seen.pitch_hz,
            signal_to_noise_db=seen.signal_to_noise_db,
        )


def add_voice_servicer(runner: StageRunner, store: ObjectStore, server: aio.Server) -> None:
    add_VoiceServiceServicer_to_server(VoiceServicer(runner, store), server)
