"""The core of the TTS service."""

import asyncio
import wave
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from services.chassis.engine import EngineSpec
from services.chassis.engine_host import EnginePool
from services.chassis.errors import InvalidArgument
from services.chassis.quality import QualityCheck
from services.chassis.timeline import SpeechTimeline, TimedPhoneme, TimedWord
from services.tts.engines.protocol import AudioChunk, Speech


@dataclass(frozen=True, slots=True)
class SpokenFile:
    """A mono 16-bit WAV file and what is said in it when."""

    path: Path
    timeline: SpeechTimeline
    checks: tuple[QualityCheck, ...] = ()


def synthesize(engine: EnginePool, speech: Speech) -> AsyncGenerator[AudioChunk]:
    """The speech in order, each chunk as soon as the engine has it."""
    return engine.run("synthesize", speech)


async def synthesize_to_file(engine: EnginePool, speech: Speech, path: Path) -> SpokenFile:
    """Raises `InvalidArgument` if the text gives no sound."""
    recording = _Recording()
    async with aclosing(synthesize(engine, speech)) as chunks:
        async for chunk in chunks:
            recording.add(chunk)
    if not recording.samples:
        raise InvalidArgument("The text gives no sound: write some words.")
    await asyncio.to_thread(recording.write, path)
    spec = await engine.spec()
    return SpokenFile(path, recording.timeline(_language_of(spec, speech.voice)))


class _Recording:
    def __init__(self) -> None:
        self.samples = 0
        self._sample_rate = 0
        self._pcm: list[bytes] = []
        self._words: list[TimedWord] = []
        self._phonemes: list[TimedPhoneme] = []

    def add(self, chunk: AudioChunk) -> None:
        self.samples += len(chunk.samples)
        self._sample_rate = chunk.sample_rate
        self._pcm.append(chunk.samples.astype("<i2", copy=False).tobytes())
        self._words += chunk.words
        self._phonemes += chunk.phonemes

    def write(self, path: Path) -> None:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self._sample_rate)
            file.writeframes(b"".join(self._pcm))

    def timeline(self, language: str) -> SpeechTimeline:
        return SpeechTimeline(
            duration=self.samples / self._sample_rate,
            language=language,
            words=tuple(self._words),
            phonemes=tuple(self._phonemes),
        )


def _language_of(spec: EngineSpec, voice: str) -> str:
    return next((each.language for each in spec.voices if each.id == voice), "")
