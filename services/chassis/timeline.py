"""The speech timeline: words, phonemes and emotions with their times in seconds."""

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum


class Stress(IntEnum):
    NONE = 0
    SECONDARY = 1
    PRIMARY = 2


class Emotion(StrEnum):
    NEUTRAL = "neutral"
    HAPPY = "happy"
    SAD = "sad"
    ANGRY = "angry"
    SURPRISED = "surprised"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class TimedWord:
    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class TimedPhoneme:
    """One IPA phoneme, without stress or length marks."""

    ipa: str
    start: float
    end: float
    stress: Stress = Stress.NONE


@dataclass(frozen=True, slots=True)
class TimedEmotion:
    emotion: Emotion
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class SpeechTimeline:
    """Times count from the start of the audio; items are in order and do not overlap.

    Between its emotions the speech is neutral.
    """

    duration: float
    language: str = ""
    words: tuple[TimedWord, ...] = ()
    phonemes: tuple[TimedPhoneme, ...] = ()
    emotions: tuple[TimedEmotion, ...] = ()

    def scaled(self, factor: float) -> "SpeechTimeline":
        """The timeline of the same speech played `factor` times as long."""
        return SpeechTimeline(
            duration=self.duration * factor,
            language=self.language,
            words=tuple(replace(w, start=w.start * factor, end=w.end * factor) for w in self.words),
            phonemes=tuple(replace(p, start=p.start * factor, end=p.end * factor) for p in self.phonemes),
            emotions=tuple(replace(e, start=e.start * factor, end=e.end * factor) for e in self.emotions),
        )
