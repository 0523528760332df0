"""Serves speech and script inspection over gRPC, for callers who wait for the answer."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

from grpc import aio

from likeness.tts.v1.tts_pb2 import (
    InspectScriptRequest,
    InspectScriptResponse,
    SynthesizeRequest,
    SynthesizeResponse,
)
from likeness.tts.v1.tts_pb2_grpc import TtsServiceServicer, add_TtsServiceServicer_to_server
from services.chassis.contracts.timeline import emotion_to_proto, phoneme_to_proto, word_to_proto
from services.chassis.storage import ObjectStore
from services.chassis.worker.runner import StageRunner
from services.tts.piece_joiner import SpokenChunk
from services.tts.script.spans import visible_text
from services.tts.synthesize import inspect, synthesize
from services.tts.task_mapping import script_task_from

RESPONSE_BYTES = 1 << 20  # gRPC clients refuse messages above 4 MiB


class TtsServicer(TtsServiceServicer):
    def __init__(self, runner: StageRunner) -> None:
        self._runner = runner

    async def Synthesize(  # noqa: N802 - the contract's name
        self, request: SynthesizeRequest, context: Any
    ) -> AsyncGenerator[SynthesizeResponse]:
        engine = self._runner.pool(request.engine)
        async with aclosing(synthesize(engine, script_task_from(request.task))) as chunks:
            async for chunk in chunks:
                for response in responses_of(chunk):
                    yield response

    async def InspectScript(  # noqa: N802 - the contract's name
        self, request: InspectScriptRequest, context: Any
    ) -> InspectScriptResponse:
        engine = self._runner.pool(request.engine)
        return InspectScriptResponse(text=visible_text(await inspect(engine, script_task_from(request.task))))


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
    add_TtsServiceServicer_to_server(TtsServicer(runner), server)
