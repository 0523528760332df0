"""Serves speech and script inspection over gRPC, for callers who wait for the answer."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any

from grpc import aio

from likeness.tts.v1.tts_pb2 import (
    InspectScriptRequest,
    InspectScriptResponse,
    SynthesizeRequest,
    SynthesizeResponse,
)
from likeness.tts.v1.tts_pb2_grpc import TtsServiceServicer, add_TtsServiceServicer_to_server
from services.chassis.contracts.jobs import artifact_from_proto
from services.chassis.contracts.timeline import emotion_to_proto, phoneme_to_proto, word_to_proto
from services.chassis.disk import temporary_folder
from services.chassis.storage import ObjectStore
from services.chassis.worker.runner import StageRunner
from services.tts.piece_joiner import SpokenChunk
from services.tts.script.spans import visible_text
from services.tts.stage_handler import SPEAKER
from services.tts.synthesize import inspect, synthesize
from services.tts.task_mapping import script_task_from

RESPONSE_BYTES = 1 << 20  # gRPC clients refuse messages above 4 MiB


class TtsServicer(TtsServiceServicer):
    def __init__(self, runner: StageRunner, store: ObjectStore) -> None:
        self._runner = runner
        self._store = store

    async def Synthesize(  # noqa: N802 - the contract's name
        self, request: SynthesizeRequest, context: Any
    ) -> AsyncGenerator[SynthesizeResponse]:
        engine = self._runner.pool(request.engine)
        with ExitStack() as files:
            task = script_task_from(request.task, await self._speaker(request, files))
            async with aclosing(synthesize(engine, task)) as chunks:
                async for chunk in chunks:
                    for response in responses_of(chunk):
                        yield response

    async def InspectScript(  # noqa: N802 - the contract's name
        self, request: InspectScriptRequest, context: Any
    ) -> InspectScriptResponse:
        engine = self._runner.pool(request.engine)
        return InspectScriptResponse(text=visible_text(await inspect(engine, script_task_from(request.task))))

    async def _speaker(self, request: SynthesizeRequest, files: ExitStack) -> Path | None:
        """Fetches the speaker of a request, if it has one, until `files` is closed."""
        if SPEAKER not in request.inputs:
            return None
        path = files.enter_context(temporary_folder("speaker-", self._runner.scratch)) / SPEAKER
        await self._store.fetch(artifact_from_proto(request.inputs[SPEAKER]), path)
        return path


def responses_of(chunk: SpokenChunk) -> Iterator[SynthesizeResponse]:
    """Yields one response, or several for a long chunk; words, phonemes and emotions are in the first."""
    pcm = chunk.samples.astype("<i2", copy=False).tobytes()
    yield SynthesizeResponse(
        pcm=pcm[:RESPONSE_BYTES],
        sample_rate=chunk.sample_rate,
        words=[word_to_proto(word) for word in chunk.words],
        phonemes=[phoneme_to_proto(phoneme) for phoneme in chunk.phonemes],
        emotions=[emotion_to_proto(emotion) for emotion in chunk.emotions],
    )
    for start in range(RESPONSE_BYTES, len(pcm), RESPONSE_BYTES):
        yield SynthesizeResponse(pcm=pcm[start : start + RESPONSE_BYTES], sample_rate=chunk.sample_rate)


def add_tts_servicer(runner: StageRunner, store: ObjectStore, server: aio.Server) -> None:
    add_TtsServiceServicer_to_server(TtsServicer(runner, store), server)
