"""The speech timeline: words, phonemes and emotions with their times in seconds."""

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import TypeVar


class Stress(IntEnum):
    """Lexical stress of a phoneme."""

    NONE = 0
    SECONDARY = 1
    PRIMARY = 2


class Emotion(StrEnum):
    """An emotion of speech and face."""

    NEUTRAL = "neutral"
    HAPPY = "happy"
    SAD = "sad"
    ANGRY = "angry"
    SURPRISED = "surprised"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word with its start and end in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class TimedPhoneme:
    """An IPA phoneme, without stress or length marks, with its start and end in seconds."""

    ipa: str
    start: float
    end: float
    stress: Stress = Stress.NONE


@dataclass(frozen=True, slots=True)
class TimedEmotion:
    """An emotion from `start` to `end` seconds."""

    emotion: Emotion
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class SpeechTimeline:
    """Words, phonemes and emotions of one audio file.

    Times count from the start of the audio; items are in order and do not overlap. Between its emotions the
    speech is neutral. `confidence` (0 to 1) is the certainty of the times of words and phonemes: 1 if the
    engine that spoke has reported them, less if they were found by alignment.
    """

    duration: float
    language: str = ""
    words: tuple[TimedWord, ...] = ()
    phonemes: tuple[TimedPhoneme, ...] = ()
    emotions: tuple[TimedEmotion, ...] = ()
    confidence: float = 1.0

    def between(self, start: float, end: float) -> "SpeechTimeline":
        """Returns the part from `start` to `end` seconds, with times that count from its start.

        Items that are only partly in it are cut.
        """
        return replace(
            self,
            duration=max(0.0, min(end, self.duration) - start),
            words=_between(self.words, start, end),
            phonemes=_between(self.phonemes, start, end),
            emotions=_between(self.emotions, start, end),
        )

    def scaled(self, factor: float) -> "SpeechTimeline":
        """Returns the timeline of the same speech played `factor` times as long."""
        return replace(
            self,
            duration=self.duration * factor,
            words=tuple(replace(w, start=w.start * factor, end=w.end * factor) for w in self.words),
            phonemes=tuple(replace(p, start=p.start * factor, end=p.end * factor) for p in self.phonemes),
            emotions=tuple(replace(e, start=e.start * factor, end=e.end * factor) for e in self.emotions),
        )


_Timed = TypeVar("_Timed", TimedWord, TimedPhoneme, TimedEmotion)


def _between(items: tuple[_Timed, ...], start: float, end: float) -> tuple[_Timed, ...]:
    return tuple(
        replace(item, start=max(item.start, start) - start, end=min(item.end, end) - start)
        for item in items
        if item.end > start and item.start < end
    )
