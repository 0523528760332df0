"""Says how emotion, emphasis and prosody change the speech of a neural voice."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.engine_api.timeline import Emotion
from services.tts.engines.protocol import Speech
from services.tts.script.spans import Emphasis, Manner

MAX_SEMITONES = 12.0
MIN_RATE, MAX_RATE = 0.2, 5.0
_MAX_DECIBELS = 12.0


@dataclass(frozen=True, slots=True)
class Shade:
    """Factors of rate and of the melody around its median, semitones and decibels."""

    rate: float = 1.0
    semitones: float = 0.0
    melody: float = 1.0
    decibels: float = 0.0


_EMOTIONS: Mapping[Emotion, Shade] = {
    Emotion.NEUTRAL: Shade(),
    Emotion.HAPPY: Shade(rate=1.06, semitones=1.5, melody=1.35, decibels=1.0),
    Emotion.SAD: Shade(rate=0.86, semitones=-1.5, melody=0.6, decibels=-3.0),
    Emotion.ANGRY: Shade(rate=1.08, semitones=-0.5, melody=1.3, decibels=3.0),
    Emotion.SURPRISED: Shade(rate=1.02, semitones=2.5, melody=1.6, decibels=1.0),
    Emotion.CALM: Shade(rate=0.92, semitones=-0.8, melody=0.8, decibels=-1.5),
}
_EMPHASES: Mapping[Emphasis, Shade] = {
    Emphasis.NONE: Shade(),
    Emphasis.REDUCED: Shade(rate=1.1, decibels=-4.0, melody=0.8),
    Emphasis.MODERATE: Shade(rate=0.95, semitones=1.0, decibels=1.5),
    Emphasis.STRONG: Shade(rate=0.85, semitones=2.0, melody=1.2, decibels=3.0),
}


def shade(request: Speech, manner: Manner) -> Shade:
    """Returns how a token of this manner is spoken; what is beyond reach is brought to its limit."""
    feeling, stressed = _EMOTIONS[manner.emotion], _EMPHASES[manner.emphasis]
    semitones = request.pitch_semitones + manner.pitch_semitones + feeling.semitones + stressed.semitones
    return Shade(
        rate=max(MIN_RATE, min(MAX_RATE, request.speed * manner.rate * feeling.rate * stressed.rate)),
        semitones=max(-MAX_SEMITONES, min(MAX_SEMITONES, semitones)),
        melody=feeling.melody * stressed.melody,
        decibels=min(_MAX_DECIBELS, manner.volume_db + feeling.decibels + stressed.decibels),
    )
