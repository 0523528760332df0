"""Joins pieces of speech, each timed from its own beginning, into one script."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.timeline import Emotion, TimedEmotion, TimedPhoneme, TimedWord
from services.tts.engines.protocol import AudioChunk, Speech
from services.tts.script.spans import Break


@dataclass(frozen=True, slots=True)
class SpokenChunk:
    """A chunk of a script: mono int16 samples, shape (n,), and the words and phonemes that begin in it.

    Times count from the start of the script. A chunk that is not neutral is one emotion as a whole.
    """

    samples: NDArray[np.int16]
    sample_rate: int
    words: tuple[TimedWord, ...] = ()
    phonemes: tuple[TimedPhoneme, ...] = ()
    emotions: tuple[TimedEmotion, ...] = ()


@dataclass(slots=True)
class PieceJoiner:
    """Joins pieces without a click: each begins and ends near zero (see `TtsEngine.synthesize`)."""

    _samples: int = 0
    _rate: int = 0
    _pending_seconds: float = 0.0
    _piece: Speech | None = field(default=None, repr=False)
    _start: int = 0

    def add(self, piece: Speech, chunk: AudioChunk) -> Iterator[SpokenChunk]:
        """Yields the chunk with its times in the script, after the silence before it."""
        self._rate = chunk.sample_rate
        if self._pending_seconds:
            yield self._silence(piece)
        if piece is not self._piece:
            self._piece, self._start = piece, self._samples
        yield self._placed(piece, chunk, self._start / self._rate)

    def add_break(self, silence: Break) -> None:
        """Adds silence before the next piece, when its sample rate becomes known."""
        self._pending_seconds += silence.seconds

    def finish(self) -> Iterator[SpokenChunk]:
        """Yields the silence at the end of a script that has some speech."""
        if self._pending_seconds and self._rate:
            yield self._silence(None)

    def _silence(self, before: Speech | None) -> SpokenChunk:
        """Returns the pending silence. An emotion continues through it if both sides have it."""
        start = self._samples / self._rate
        samples = np.zeros(round(self._pending_seconds * self._rate), np.int16)
        self._pending_seconds = 0.0
        self._samples += len(samples)
        same = before is not None and self._piece is not None and before.emotion is self._piece.emotion
        emotions = self._emotion_since(before.emotion, start) if before is not None and same else ()
        return SpokenChunk(samples, self._rate, emotions=emotions)

    def _placed(self, piece: Speech, chunk: AudioChunk, offset: float) -> SpokenChunk:
        start = self._samples / self._rate
        self._samples += len(chunk.samples)
        return SpokenChunk(
            chunk.samples,
            self._rate,
            tuple(replace(w, start=w.start + offset, end=w.end + offset) for w in chunk.words),
            tuple(replace(p, start=p.start + offset, end=p.end + offset) for p in chunk.phonemes),
            self._emotion_since(piece.emotion, start),
        )

    def _emotion_since(self, emotion: Emotion, start: float) -> tuple[TimedEmotion, ...]:
        """Returns the emotion from `start` until the current end; empty for neutral."""
        if emotion is Emotion.NEUTRAL:
            return ()
        return (TimedEmotion(emotion, start, self._samples / self._rate),)
