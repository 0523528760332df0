"""Collects a script's speech into a WAV file and a timeline."""

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.timeline import SpeechTimeline, TimedEmotion, TimedPhoneme, TimedWord
from services.tts.piece_joiner import SpokenChunk


class WavRecording:
    """A recording in memory. At least one chunk must be added before it is written."""

    def __init__(self) -> None:
        self._samples = 0
        self.sample_rate = 0
        self._pcm: list[bytes] = []
        self._words: list[TimedWord] = []
        self._phonemes: list[TimedPhoneme] = []
        self._emotions: list[TimedEmotion] = []

    def add(self, chunk: SpokenChunk) -> None:
        self._samples += len(chunk.samples)
        self.sample_rate = chunk.sample_rate
        self._pcm.append(chunk.samples.astype("<i2", copy=False).tobytes())
        self._words += chunk.words
        self._phonemes += chunk.phonemes
        for emotion in chunk.emotions:
            self._add_emotion(emotion)

    def write(self, path: Path) -> None:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.sample_rate)
            file.writeframes(b"".join(self._pcm))

    def samples(self) -> NDArray[np.float32]:
        """Returns the samples from -1 to 1, shape (n,)."""
        return np.frombuffer(b"".join(self._pcm), "<i2").astype(np.float32) / np.float32(32768)

    def timeline(self, language: str) -> SpeechTimeline:
        return SpeechTimeline(
            duration=self._samples / self.sample_rate,
            language=language,
            words=tuple(self._words),
            phonemes=tuple(self._phonemes),
            emotions=tuple(self._emotions),
        )

    def _add_emotion(self, emotion: TimedEmotion) -> None:
        """Adds an emotion; one that continues from the last chunk is merged with it."""
        last = self._emotions[-1] if self._emotions else None
        if last is not None and last.emotion is emotion.emotion and last.end == emotion.start:
            self._emotions[-1] = replace(last, end=emotion.end)
        else:
            self._emotions.append(emotion)
