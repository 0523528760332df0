"""Measures the profile of a speaker: pitch statistics and spectra averaged over time."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyworld

from services.chassis.errors import InvalidArgument
from services.voice.engines.recording import Recording, Samples
from services.voice.engines.reference import ADVICE, CleanReference
from services.voice.engines.world.analysis import FRAME_SECONDS, track_pitch

PROFILE_SECONDS = 60.0
MIN_VOICED_SECONDS = 1.0

# Evenly spaced in mel, 80 Hz to 11 kHz.
_MELS = np.linspace(float(np.log10(1 + 80 / 700)), float(np.log10(1 + 11000 / 700)), 64)
BANDS: Samples = 700.0 * (np.power(10.0, _MELS) - 1)
_WINDOW = 1024
_HALF_OCTAVE = np.log(2) / 2
_QUIETER_THAN_SPEECH = 1e-4
# Up to there a recording's spectrum is its speaker's, not its low-pass filter's.
_MAX_NYQUIST_SHARE = 0.92
_BREATH_SECONDS = 12.0
_MIN_NOISE = 1e-3


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of a speaker.

    `spectrum` (average power of the speech) and `formants` (average voiced envelope) are in dB at `BANDS`.
    Bands beyond `highest` Hz hold the last value below it. `pitch_centre` and `pitch_spread` are
    median and deviation of the natural logarithm of the pitch in Hz. `breath` is how noisy the voice is
    at `BANDS`: the average log odds of noise against tone.
    """

    pitch_centre: float
    pitch_spread: float
    spectrum: Samples
    formants: Samples
    breath: Samples
    highest: float


def build_profile(recording: Recording, highest: float | None = None) -> Profile | None:
    """Returns the profile of the first minute; `None` if less than a second of it is voiced.

    The recording's own frequencies end at `highest` Hz, or at half its rate.
    """
    samples = recording.samples[: round(PROFILE_SECONDS * recording.rate)].astype(np.float64)
    pitch, times = track_pitch(samples, recording.rate)
    voiced = pitch > 0
    if voiced.sum() * FRAME_SECONDS < MIN_VOICED_SECONDS:
        return None
    envelope = pyworld.cheaptrick(samples, pitch, times, recording.rate)[voiced]
    centre, spread = pitch_statistics(pitch[voiced])
    ends = _MAX_NYQUIST_SHARE * (highest or recording.rate / 2)
    return Profile(
        pitch_centre=centre,
        pitch_spread=spread,
        spectrum=average_spectrum(samples, recording.rate, ends),
        formants=_at_bands(np.exp(np.log(envelope + 1e-16).mean(axis=0)), recording.rate, ends),
        breath=_breath(samples, pitch, times, recording.rate),
        highest=ends,
    )


def build_reference_profile(reference: CleanReference) -> Profile:
    """Returns the profile of a reference.

    Raises `InvalidArgument` if less than a second of speech is voiced.
    """
    profile = build_profile(reference.recording, reference.highest)
    if profile is None:
        raise InvalidArgument(f"the reference has less than a second of voiced speech: {ADVICE}")
    return profile


def log_odds(noise: Samples) -> Samples:
    """Returns the log odds of noise against tone, from the noise's share of the power."""
    bounded = np.clip(noise, _MIN_NOISE, 1 - _MIN_NOISE)
    return np.log(bounded / (1 - bounded))


def pitch_statistics(pitch: Samples) -> tuple[float, float]:
    """Returns median and deviation of ln(pitch), both robust to the octave errors of a pitch tracker."""
    logs = np.log(pitch)
    centre = float(np.median(logs))
    near = logs[np.abs(logs - centre) < _HALF_OCTAVE]
    return centre, float(np.sqrt(np.mean(np.square(near - centre))))


def average_spectrum(samples: Samples, rate: int, highest: float | None = None) -> Samples:
    """Returns the average power of speech in dB at `BANDS`; it is known up to `highest` Hz."""
    return _at_bands(_average_power(samples), rate, highest or rate / 2 * _MAX_NYQUIST_SHARE)


def _breath(samples: Samples, pitch: Samples, times: Samples, rate: int) -> Samples:
    """Measures the breath in the first seconds, which are as representative as a minute."""
    count = int(np.searchsorted(times, _BREATH_SECONDS))
    start = samples[: round(_BREATH_SECONDS * rate)]
    noise: Samples = cast(Any, pyworld.d4c)(start, pitch[:count], times[:count], rate)
    voiced = noise[pitch[:count] > 0]
    if not len(voiced):
        return np.zeros_like(BANDS)
    bins: int = noise.shape[1]
    average = cast(Samples, log_odds(voiced).mean(axis=0))
    return np.interp(BANDS, np.linspace(0, rate / 2, bins), average)


def _average_power(samples: Samples) -> Samples:
    """Returns the mean power spectrum of the windows with speech, shape (513,)."""
    padded = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[:: _WINDOW // 2]
    power = np.square(windows).mean(axis=1)
    loud = windows[power >= power.max() * _QUIETER_THAN_SPEECH]
    return np.square(np.abs(np.fft.rfft(loud * np.hanning(_WINDOW), axis=1))).mean(axis=0)


def _at_bands(power: Samples, rate: int, highest: float) -> Samples:
    """Returns the power averaged over each band, in dB."""
    frequencies = np.linspace(0, rate / 2, len(power))
    total = np.concatenate([[0.0], np.cumsum(power)])
    edges = np.sqrt(BANDS[:-1] * BANDS[1:])
    lower = np.clip(np.concatenate([[BANDS[0] * 0.8], edges]), 0, highest * 0.95)
    upper = np.clip(np.concatenate([edges, [BANDS[-1] * 1.02]]), highest * 0.05, highest)
    first = np.searchsorted(frequencies, lower)
    last = np.maximum(np.searchsorted(frequencies, upper), first + 1)
    return 10 * np.log10((total[last] - total[first]) / (last - first) + 1e-16)
