"""Requests, results and protocol of TTS engines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.spec import Engine
from services.chassis.engine_api.timeline import Emotion, TimedPhoneme, TimedWord
from services.tts.script.tokens import Token


@dataclass(frozen=True, slots=True)
class Speech:
    """A request to speak one sentence, a few, or part of one.

    `speed` 1 and `pitch_semitones` 0 are the voice's own. If `goes_on`, more speech follows directly: this
    one ends with the pause that belongs between them.
    """

    tokens: tuple[Token, ...]
    voice: str
    speed: float = 1.0
    pitch_semitones: float = 0.0
    emotion: Emotion = Emotion.NEUTRAL
    goes_on: bool = False

    @property
    def text(self) -> str:
        """The spoken text, for an engine that reads text: numbers and abbreviations are written out."""
        return "".join(token.spoken + token.tail + token.gap for token in self.tokens)


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A chunk of speech: mono int16 samples, shape (n,), and the words and phonemes that begin in it.

    Times count from the start of the whole speech, not of the chunk.
    """

    samples: NDArray[np.int16]
    sample_rate: int
    words: tuple[TimedWord, ...] = ()
    phonemes: tuple[TimedPhoneme, ...] = ()


class TtsEngine(Engine, Protocol):
    def synthesize(self, request: Speech) -> Iterator[AudioChunk]:
        """Yields the speech in order, the first chunk as soon as it exists.

        It begins and ends near zero, so that speeches can be joined without a click. Words are written as
        the `shown` of their tokens. A request without a sound of its own (punctuation) yields nothing, or
        silence. Raises `VoiceUnknown` for a voice that the engine does not have.
        """
        ...
