"""Streams speech from the TTS service over gRPC, for responses that are spoken at once."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from grpc import aio

from likeness.tts.v1.tts_pb2 import InspectScriptRequest, SynthesisTask, SynthesizeRequest, SynthesizeResponse
from likeness.tts.v1.tts_pb2_grpc import TtsServiceStub
from services.chassis.contracts.jobs import artifact_to_proto
from services.chassis.contracts.timeline import emotion_from_proto, phoneme_from_proto, word_from_proto
from services.chassis.engine_api.timeline import TimedEmotion, TimedPhoneme, TimedWord
from services.chassis.grpc.client import outgoing_metadata, translated_errors
from services.chassis.storage import Artifact
from services.gateway.http.inspection_errors import INSPECTION_SECONDS, refusals_only
from services.gateway.voices.cloned import SPEAKER

TIMEOUT_SECONDS = 4500.0
"""Limit of one call: a client that plays the stream as it comes takes as long as the speech, and the longest
script is about an hour."""


@dataclass(frozen=True, slots=True)
class SpokenChunk:
    """A piece of speech: mono 16-bit little-endian samples, and the words, phonemes and emotions that begin
    in them.

    Times count from the start of the whole speech.
    """

    pcm: bytes
    sample_rate: int
    words: tuple[TimedWord, ...] = ()
    phonemes: tuple[TimedPhoneme, ...] = ()
    emotions: tuple[TimedEmotion, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.sample_rate


class SpeechClient:
    """Client of the TTS service."""

    def __init__(self, channel: aio.Channel) -> None:
        self._stub = TtsServiceStub(channel)

    async def synthesize(
        self, engine: str, task: SynthesisTask, speaker: Artifact | None = None
    ) -> AsyncGenerator[SpokenChunk, None]:
        """Yields chunks as they are spoken, by the `speaker` of a cloned voice if there is one. Closing the
        iterator stops the engine.

        Raises the engine's refusal, or `EngineUnavailable` if the service does not respond.
        """
        inputs = {SPEAKER: artifact_to_proto(speaker)} if speaker else {}
        request = SynthesizeRequest(engine=engine, task=task, inputs=inputs)
        call = self._stub.Synthesize(request, timeout=TIMEOUT_SECONDS, metadata=outgoing_metadata())
        try:
            with translated_errors():
                async for response in call:
                    yield chunk_from(response)
        finally:
            call.cancel()

    async def inspect(self, engine: str, task: SynthesisTask) -> None:
        """Raises the engine's refusal of the script, or of its lexicon."""
        request = InspectScriptRequest(engine=engine, task=task)
        with refusals_only("script", engine):
            await self._stub.InspectScript(request, timeout=INSPECTION_SECONDS, metadata=outgoing_metadata())


def chunk_from(response: SynthesizeResponse) -> SpokenChunk:
    return SpokenChunk(
        pcm=response.pcm,
        sample_rate=response.sample_rate,
        words=tuple(word_from_proto(word) for word in response.words),
        phonemes=tuple(phoneme_from_proto(phoneme) for phoneme in response.phonemes),
        emotions=tuple(emotion_from_proto(emotion) for emotion in response.emotions),
    )
