"""What a TTS engine is."""

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
    """A sentence, a few, or a part of one. `speed` 1 and `pitch_semitones` 0 are the voice's own.

    `goes_on` if more follows at once: it ends with the pause that belongs between them.
    """

    tokens: tuple[Token, ...]
    voice: str
    speed: float = 1.0
    pitch_semitones: float = 0.0
    emotion: Emotion = Emotion.NEUTRAL
    goes_on: bool = False

    @property
    def text(self) -> str:
        """What is said, for an engine that reads text: numbers and abbreviations are written out."""
        return "".join(token.spoken + token.tail + token.gap for token in self.tokens)


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of speech: mono int16 samples, shape (n,), and the words and phonemes that begin in it.

    Times count from the start of the whole speech, not of the chunk.
    """

    samples: NDArray[np.int16]
    sample_rate: int
    words: tuple[TimedWord, ...] = ()
    phonemes: tuple[TimedPhoneme, ...] = ()


class TtsEngine(Engine, Protocol):
    def synthesize(self, request: Speech) -> Iterator[AudioChunk]:
        """Yield the speech in order, the first chunk as soon as it exists.

        It begins and ends near zero, so that speeches can be joined without a click. Words are shown as
        the tokens show them. A request that has no sound of its own (punctuation) yields nothing, or
        silence. Raises `VoiceUnknown` for a voice it does not have.
        """
        ...
