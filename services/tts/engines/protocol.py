"""What a TTS engine is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine import Engine
from services.chassis.timeline import TimedPhoneme, TimedWord


@dataclass(frozen=True, slots=True)
class Speech:
    """What to say. `speed` 1 and `pitch_semitones` 0 are the voice's own."""

    text: str
    voice: str
    speed: float = 1.0
    pitch_semitones: float = 0.0
    ssml: bool = False


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

        Raises `VoiceUnknown` for a voice it does not have and `InvalidArgument` for a text that
        gives no sound.
        """
        ...
