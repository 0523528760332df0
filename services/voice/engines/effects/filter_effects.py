"""Effects made by ffmpeg's filters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.chassis.engine_api.effects import Effect, EffectAmount

Amounts = Mapping[str, float]
_MAX_NYQUIST_SHARE = 0.98


@dataclass(frozen=True, slots=True)
class FilterEffect:
    """An effect. `graph` gives the filters for a sample rate, `tail` the seconds that go on after the end."""

    effect: Effect
    graph: Callable[[Amounts, int], str]
    tail: Callable[[Amounts], float] = lambda amounts: 0.0


def _tempo(amounts: Amounts, rate: int) -> str:
    return f"rubberband=tempo={amounts['factor']:.6f}:window=short:pitchq=quality"


def _band(amounts: Amounts, rate: int) -> str:
    """Returns two second-order filters on each side, or none where the sound has no such frequencies."""
    low, high = amounts["low_hertz"], amounts["high_hertz"]
    filters = [f"highpass=f={low:g}"] * 2 if low > 0 else []
    if high < rate / 2 * _MAX_NYQUIST_SHARE:
        filters += [f"lowpass=f={high:g}"] * 2
    return ",".join(filters) or "anull"


def _equaliser(amounts: Amounts, rate: int) -> str:
    centre = min(amounts["hertz"], rate / 2 * _MAX_NYQUIST_SHARE)
    return f"equalizer=f={centre:g}:t=o:w={amounts['octaves']:g}:g={amounts['decibels']:g}"


def _bass(amounts: Amounts, rate: int) -> str:
    return f"bass=f=180:g={amounts['decibels']:g}"


def _treble(amounts: Amounts, rate: int) -> str:
    return f"treble=f=3000:g={amounts['decibels']:g}"


def _echo(amounts: Amounts, rate: int) -> str:
    """Returns an echo whose every return is weaker by the same share, until it cannot be heard."""
    delays = [amounts["seconds"] * 1000 * n for n in range(1, _echo_count(amounts) + 1)]
    decays = [amounts["decay"] ** n for n in range(1, len(delays) + 1)]
    times, levels = "|".join(f"{d:.3f}" for d in delays), "|".join(f"{d:.6f}" for d in decays)
    return f"aecho=1:1:{times}:{levels}"


def _echo_count(amounts: Amounts) -> int:
    """Returns how many returns of the echo can be heard."""
    count = 1
    while count < 12 and amounts["decay"] ** (count + 1) > 0.03:
        count += 1
    return count


def _chorus(amounts: Amounts, rate: int) -> str:
    share, depth = amounts["share"], amounts["milliseconds"]
    voices = ((17.0, 0.9, 0.31), (23.0, 0.8, 0.43), (31.0, 0.7, 0.23))
    delays, decays, speeds = zip(*voices, strict=True)
    parts = (
        "|".join(f"{delay:g}" for delay in delays),
        "|".join(f"{decay * share:.6f}" for decay in decays),
        "|".join(f"{speed:g}" for speed in speeds),
        "|".join(f"{depth:g}" for _ in voices),
    )
    return f"chorus=1:1:{':'.join(parts)}"


def _tremolo(amounts: Amounts, rate: int) -> str:
    return f"tremolo=f={amounts['hertz']:g}:d={amounts['depth']:g}"


def _vibrato(amounts: Amounts, rate: int) -> str:
    return f"vibrato=f={amounts['hertz']:g}:d={amounts['depth']:g}"


def _phaser(amounts: Amounts, rate: int) -> str:
    return f"aphaser=in_gain=0.8:out_gain=1:delay=3:decay={amounts['depth']:g}:speed={amounts['hertz']:g}"


def _distortion(amounts: Amounts, rate: int) -> str:
    return f"volume={amounts['decibels']:g}dB,asoftclip=type=tanh:oversample=4"


def _crush(amounts: Amounts, rate: int) -> str:
    return f"acrusher=bits={amounts['bits']:g}:samples={amounts['samples']:g}:mix=1:aa=0.5"


_HERTZ_SLOW = EffectAmount("hertz", 0.1, 2.0, 0.5)
FILTER_EFFECTS = (
    FilterEffect(
        Effect(
            "tempo",
            "Slower or faster at the same pitch; lips follow.",
            (EffectAmount("factor", 0.5, 2.0, 1.2),),
        ),
        _tempo,
    ),
    FilterEffect(
        Effect(
            "band",
            "Only what lies between two frequencies.",
            (
                EffectAmount("low_hertz", 0.0, 4000.0, 300.0),
                EffectAmount("high_hertz", 200.0, 24000.0, 3400.0),
            ),
        ),
        _band,
    ),
    FilterEffect(
        Effect(
            "equaliser",
            "More or less around one frequency.",
            (
                EffectAmount("hertz", 40.0, 16000.0, 1000.0),
                EffectAmount("decibels", -24.0, 24.0, 6.0),
                EffectAmount("octaves", 0.1, 4.0, 1.0),
            ),
        ),
        _equaliser,
    ),
    FilterEffect(
        Effect("bass", "More or less below 180 Hz.", (EffectAmount("decibels", -24.0, 24.0, 6.0),)), _bass
    ),
    FilterEffect(
        Effect("treble", "More or less above 3 kHz.", (EffectAmount("decibels", -24.0, 24.0, 6.0),)), _treble
    ),
    FilterEffect(
        Effect(
            "echo",
            "The speech again after a while, each time weaker.",
            (EffectAmount("seconds", 0.005, 2.0, 0.3), EffectAmount("decay", 0.05, 0.8, 0.4)),
        ),
        _echo,
        lambda amounts: min(2.0, amounts["seconds"] * _echo_count(amounts)),
    ),
    FilterEffect(
        Effect(
            "chorus",
            "Several who say the same.",
            (EffectAmount("share", 0.0, 1.0, 0.6), EffectAmount("milliseconds", 0.1, 10.0, 2.0)),
        ),
        _chorus,
    ),
    FilterEffect(
        Effect(
            "tremolo",
            "Louder and softer in turn.",
            (EffectAmount("hertz", 0.1, 100.0, 6.0), EffectAmount("depth", 0.0, 1.0, 0.5)),
        ),
        _tremolo,
    ),
    FilterEffect(
        Effect(
            "vibrato",
            "Higher and lower in turn.",
            (EffectAmount("hertz", 0.1, 20.0, 5.0), EffectAmount("depth", 0.0, 1.0, 0.3)),
        ),
        _vibrato,
    ),
    FilterEffect(
        Effect(
            "phaser", "A slow sweep through the sound.", (_HERTZ_SLOW, EffectAmount("depth", 0.0, 0.9, 0.5))
        ),
        _phaser,
    ),
    FilterEffect(
        Effect("distortion", "Driven too hard.", (EffectAmount("decibels", 0.0, 40.0, 12.0),)), _distortion
    ),
    FilterEffect(
        Effect(
            "crush",
            "As an old computer would play it.",
            (EffectAmount("bits", 2.0, 16.0, 8.0), EffectAmount("samples", 1.0, 16.0, 2.0)),
        ),
        _crush,
    ),
)
