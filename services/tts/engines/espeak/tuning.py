"""How speed and pitch become espeak's own parameters."""

from dataclasses import dataclass

from services.chassis.errors import InvalidArgument

# The library speaks 80 words a minute at the slowest; above 450 it shortens the finished sound.
NORMAL_WORDS_PER_MINUTE = 175
SLOWEST, FASTEST = 0.46, 4.0
LARGEST_SHIFT = 9.0

# Measured: median f0 of three voices against the pitch parameter, the range following it.
_PITCH_PER_SEMITONE_UP, _PITCH_PER_SEMITONE_DOWN = 5.05, 5.3
_NORMAL_PITCH = 50
_NORMAL_RANGE = 50


@dataclass(frozen=True, slots=True)
class Tuning:
    words_per_minute: int = NORMAL_WORDS_PER_MINUTE
    pitch: int = _NORMAL_PITCH
    pitch_range: int = _NORMAL_RANGE


def tune(speed: float, pitch_semitones: float) -> Tuning:
    """Raises `InvalidArgument` beyond what the library can do."""
    if not SLOWEST <= speed <= FASTEST:
        raise InvalidArgument(f"speed {speed:g} is out of reach of espeak: give {SLOWEST:g} to {FASTEST:g}")
    if not -LARGEST_SHIFT <= pitch_semitones <= LARGEST_SHIFT:
        raise InvalidArgument(
            f"pitch {pitch_semitones:+g} semitones is out of reach of espeak: "
            f"give {-LARGEST_SHIFT:+g} to {LARGEST_SHIFT:+g}, or shift further with a voice engine"
        )
    steps = _PITCH_PER_SEMITONE_UP if pitch_semitones > 0 else _PITCH_PER_SEMITONE_DOWN
    return Tuning(
        words_per_minute=round(NORMAL_WORDS_PER_MINUTE * speed),
        pitch=round(_NORMAL_PITCH + steps * pitch_semitones),
        pitch_range=round(_NORMAL_RANGE * 2 ** (pitch_semitones / 12)),
    )
