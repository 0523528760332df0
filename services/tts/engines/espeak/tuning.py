"""Converts speed, pitch, loudness and emotion to espeak's own parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.engine_api.timeline import Emotion
from services.tts.script.spans import Emphasis, Manner

# The library speaks 80 words a minute at the slowest; above 450 it shortens the finished sound.
NORMAL_WORDS_PER_MINUTE = 175
MIN_SPEED, MAX_SPEED = 0.46, 4.0
MAX_PITCH_SEMITONES = 9.0

# Measured: median f0 of three voices against the pitch parameter, with the range following it.
_PITCH_PER_SEMITONE_UP, _PITCH_PER_SEMITONE_DOWN = 5.05, 5.3
_NORMAL_PITCH = 50
_NORMAL_RANGE, _MAX_RANGE = 50, 99
_NORMAL_AMPLITUDE = 100
# Measured: peaks of ordinary voices reach full scale a little above this.
_MAX_AMPLITUDE, _MAX_DECIBELS = 150, 20.0


@dataclass(frozen=True, slots=True)
class Tuning:
    """espeak's parameters. `amplitude` is a percentage; `emphasis` is the library's own degree of it."""

    words_per_minute: int = NORMAL_WORDS_PER_MINUTE
    pitch: int = _NORMAL_PITCH
    pitch_range: int = _NORMAL_RANGE
    amplitude: int = _NORMAL_AMPLITUDE
    emphasis: int = 0


@dataclass(frozen=True, slots=True)
class _Shade:
    """Factors of rate and melody, semitones and decibels, applied on top of the request."""

    rate: float = 1.0
    semitones: float = 0.0
    melody: float = 1.0
    decibels: float = 0.0
    emphasis: int = 0


_EMOTIONS: Mapping[Emotion, _Shade] = {
    Emotion.NEUTRAL: _Shade(),
    Emotion.HAPPY: _Shade(rate=1.08, semitones=2.0, melody=1.5, decibels=1.0),
    Emotion.SAD: _Shade(rate=0.84, semitones=-2.0, melody=0.5, decibels=-3.0),
    Emotion.ANGRY: _Shade(rate=1.12, semitones=-1.0, melody=1.4, decibels=3.0),
    Emotion.SURPRISED: _Shade(rate=1.04, semitones=3.0, melody=1.9, decibels=1.0),
    Emotion.CALM: _Shade(rate=0.9, semitones=-1.0, melody=0.7, decibels=-2.0),
}
_EMPHASES: Mapping[Emphasis, _Shade] = {
    Emphasis.NONE: _Shade(),
    Emphasis.REDUCED: _Shade(rate=1.1, decibels=-4.0),
    Emphasis.MODERATE: _Shade(emphasis=3),
    Emphasis.STRONG: _Shade(rate=0.85, semitones=1.5, emphasis=3),
}


def tune(speed: float, pitch_semitones: float, manner: Manner) -> Tuning:
    """Returns espeak's parameters for a manner; values beyond the library's reach are clamped."""
    feeling, stressed = _EMOTIONS[manner.emotion], _EMPHASES[manner.emphasis]
    rate = speed * manner.rate * feeling.rate * stressed.rate
    semitones = pitch_semitones + manner.pitch_semitones + feeling.semitones + stressed.semitones
    semitones = max(-MAX_PITCH_SEMITONES, min(MAX_PITCH_SEMITONES, semitones))
    steps = _PITCH_PER_SEMITONE_UP if semitones > 0 else _PITCH_PER_SEMITONE_DOWN
    melody = 2 ** (semitones / 12) * feeling.melody
    decibels = min(_MAX_DECIBELS, manner.volume_db + feeling.decibels + stressed.decibels)
    return Tuning(
        words_per_minute=round(NORMAL_WORDS_PER_MINUTE * max(MIN_SPEED, min(MAX_SPEED, rate))),
        pitch=round(_NORMAL_PITCH + steps * semitones),
        pitch_range=min(_MAX_RANGE, round(_NORMAL_RANGE * melody)),
        amplitude=min(_MAX_AMPLITUDE, round(_NORMAL_AMPLITUDE * 10 ** (decibels / 20))),
        emphasis=stressed.emphasis,
    )
