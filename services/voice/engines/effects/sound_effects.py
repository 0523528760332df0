"""Effects made by arithmetic on the samples: reverberation and noise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from services.chassis.engine_api.effects import Effect, EffectAmount
from services.voice.engines.recording import Samples

Amounts = Mapping[str, float]
_BLOCK = 1 << 18
# How much sooner the high frequencies of a room decay than the low ones.
_ROOM_BANDS = ((0.0, 700.0, 1.0), (700.0, 3000.0, 0.75), (3000.0, 1e6, 0.45))
_MAX_TAIL_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class SoundEffect:
    """An effect on samples. The result may be longer than the input, by reverberation."""

    effect: Effect
    change: Callable[[Samples, int, Amounts], Samples]


def ring(samples: Samples, rate: int, amounts: Amounts) -> Samples:
    carrier = np.sin(2 * np.pi * amounts["hertz"] * np.arange(len(samples)) / rate)
    return samples * (1 - amounts["share"]) + samples * carrier * amounts["share"] * np.sqrt(2)


def reverb(samples: Samples, rate: int, amounts: Amounts) -> Samples:
    """Adds the reverberation of a room whose sound has decayed to a thousandth after `seconds`."""
    room = _room(amounts["seconds"], rate)
    wet = _convolve(samples, room)
    dry = np.pad(samples, (0, len(wet) - len(samples)))
    loudness = np.sqrt(np.mean(np.square(dry)) / max(float(np.mean(np.square(wet))), 1e-12))
    mixed = dry * (1 - amounts["share"]) + wet * loudness * amounts["share"]
    return mixed[: len(samples) + round(min(amounts["seconds"], _MAX_TAIL_SECONDS) * rate)]


def static(samples: Samples, rate: int, amounts: Amounts) -> Samples:
    """Adds noise that is `decibels` below the speech."""
    loudness = np.sqrt(np.mean(np.square(samples))) * 10 ** (-amounts["decibels"] / 20)
    return samples + np.random.default_rng(0).normal(0, 1, len(samples)) * loudness


def _room(seconds: float, rate: int) -> Samples:
    """Returns a room's impulse response: noise that decays, its high frequencies sooner."""
    count = max(1, round(seconds * rate))
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(0, 1, count))
    frequencies = np.fft.rfftfreq(count, 1 / rate)
    times = np.arange(count) / rate
    room = np.zeros(count)
    for low, high, share in _ROOM_BANDS:
        inside = (frequencies >= low) & (frequencies < high)
        room += np.fft.irfft(spectrum * inside, count) * 10 ** (-3 * times / (seconds * share))
    return room


def _convolve(samples: Samples, response: Samples) -> Samples:
    """Convolves in blocks, so that memory does not grow with the square of the length."""
    whole = np.zeros(len(samples) + len(response) - 1)
    size = 1 << (_BLOCK + len(response) - 1).bit_length()
    spectrum = np.fft.rfft(response, size)
    for start in range(0, len(samples), _BLOCK):
        block = samples[start : start + _BLOCK]
        part = np.fft.irfft(np.fft.rfft(block, size) * spectrum, size)[: len(block) + len(response) - 1]
        whole[start : start + len(part)] += part
    return whole


SOUND_EFFECTS = (
    SoundEffect(
        Effect(
            "ring",
            "Multiplied by a tone, as of a machine.",
            (EffectAmount("hertz", 1.0, 2000.0, 50.0), EffectAmount("share", 0.0, 1.0, 0.5)),
        ),
        ring,
    ),
    SoundEffect(
        Effect(
            "reverb",
            "A room: how long it rings, and how far away the speaker stands.",
            (EffectAmount("seconds", 0.1, 8.0, 1.2), EffectAmount("share", 0.0, 1.0, 0.25)),
        ),
        reverb,
    ),
    SoundEffect(
        Effect(
            "static",
            "The noise of a bad line, so much below the speech.",
            (EffectAmount("decibels", 0.0, 60.0, 24.0),),
        ),
        static,
    ),
)
