"""Requests, results and protocol of TTS engines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import Engine, Progress
from services.chassis.engine_api.timeline import Emotion, TimedPhoneme, TimedWord
from services.tts.script.tokens import Token


@dataclass(frozen=True, slots=True)
class Speech:
    """A request to speak one sentence, a few, or part of one.

    `speed` 1 and `pitch_semitones` 0 are the voice's own. If `goes_on`, more speech follows directly: this
    one ends with the pause that belongs between them. `speaker` is a file that the engine's `clone` has
    written: that person speaks, with the language and accent of `voice`.
    """

    tokens: tuple[Token, ...]
    voice: str
    speed: float = 1.0
    pitch_semitones: float = 0.0
    emotion: Emotion = Emotion.NEUTRAL
    goes_on: bool = False
    speaker: Path | None = None

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


@dataclass(frozen=True, slots=True)
class Cloning:
    """A request to make a speaker from `references`, at least one recording of one person.

    The speaker is written to `output`.
    """

    references: tuple[Path, ...]
    output: Path


@dataclass(frozen=True, slots=True)
class Speaker:
    """A speaker at the request's `output`; `seconds` is the speech that it was made from."""

    path: Path
    seconds: float
    checks: tuple[QualityCheck, ...] = ()


class CloningEngine(TtsEngine, Protocol):
    """A protocol of engines with the operation `clone`."""

    def clone(self, request: Cloning) -> Iterator[Progress | Speaker]:
        """Yields progress, then one `Speaker`. Equal recordings give equal bytes.

        Its check is `speaker_similarity` (cosine of speaker embeddings, of the speaker's speech and the
        references); the service adds `speaker_intelligibility` (share of words that a recogniser hears).
        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument`, with the limit and the
        measured value, for recordings of too little speech, of several people or with much noise.
        """
        ...
