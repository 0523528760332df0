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

    Between its emotions the speech is neutral. `confidence` (0 to 1) is how sure the times of words
    and phonemes are: 1 where the engine that spoke has told them, less where they were found by listening.
    """

    duration: float
    language: str = ""
    words: tuple[TimedWord, ...] = ()
    phonemes: tuple[TimedPhoneme, ...] = ()
    emotions: tuple[TimedEmotion, ...] = ()
    confidence: float = 1.0

    def scaled(self, factor: float) -> "SpeechTimeline":
        """The timeline of the same speech played `factor` times as long."""
        return replace(
            self,
            duration=self.duration * factor,
            words=tuple(replace(w, start=w.start * factor, end=w.end * factor) for w in self.words),
            phonemes=tuple(replace(p, start=p.start * factor, end=p.end * factor) for p in self.phonemes),
            emotions=tuple(replace(e, start=e.start * factor, end=e.end * factor) for e in self.emotions),
        )
