"""Cleans recordings of a speaker before a voice is moved towards them, and refuses unsuitable ones."""

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from services.chassis.errors import InvalidArgument
from services.chassis.sound.speech_activity import FRAME_SECONDS, Activity, find_speech
from services.voice.engines.recording import Recording, Samples

MIN_SPEECH_SECONDS = 2.0
MIN_SIGNAL_TO_NOISE = 10.0
MAX_CLIPPED_SHARE = 0.005
ADVICE = "give 5 to 30 seconds of one person speaking, without music or noise"

_HIGH_RATE, _LOW_RATE = 24000, 16000
_LOUDNESS = 0.1
_FULL_SCALE, _FLAT = 0.98, 3
_WINDOW, _STEP = 512, 128
_MIN_NOISE_WINDOWS = 12
_SUBTRACTED, _LEFT = 1.5, 0.15


@dataclass(frozen=True, slots=True)
class CleanReference:
    """Speech at 24 kHz, or 16 kHz if the recording had no more.

    Pauses are cut out, noise is removed, RMS is 0.1. `highest` is the frequency in Hz up to which the
    recording itself reached.
    """

    recording: Recording
    speech_seconds: float
    signal_to_noise: float
    highest: float


def clean_reference(raw: Recording) -> CleanReference:
    """Returns the cleaned recording.

    Raises `InvalidArgument`, with the limit and the measured value, for a recording that is clipped, noisy or
    has too little speech in it.
    """
    rate = _HIGH_RATE if raw.rate > _LOW_RATE else _LOW_RATE
    sound = soxr.resample(raw.samples.astype(np.float64), raw.rate, rate)
    activity = find_speech(sound, rate)
    _check(activity, _clipped_share(raw.samples))
    speech = np.repeat(activity.speech, round(rate * FRAME_SECONDS))
    speech = np.pad(speech, (0, len(sound) - len(speech)))
    timeline_product = _without_noise(sound, speech)[speech]
    timeline_product *= _LOUDNESS / np.sqrt(np.mean(np.square(timeline_product)))
    return CleanReference(
        recording=Recording(timeline_product.astype(np.float32), rate),
        speech_seconds=activity.seconds,
        signal_to_noise=activity.signal_to_noise,
        highest=min(raw.rate, rate) / 2,
    )


def _check(activity: Activity, clipped: float) -> None:
    if activity.signal_to_noise < MIN_SIGNAL_TO_NOISE:
        raise InvalidArgument(
            f"the speech in the reference stands {activity.signal_to_noise:.0f} dB above the noise, and "
            f"{MIN_SIGNAL_TO_NOISE:g} dB are needed: {ADVICE}"
        )
    if activity.seconds < MIN_SPEECH_SECONDS:
        raise InvalidArgument(
            f"the reference has {activity.seconds:.1f} s of speech, "
            f"and {MIN_SPEECH_SECONDS:g} s are needed: {ADVICE}"
        )
    if clipped > MAX_CLIPPED_SHARE:
        raise InvalidArgument(
            f"the reference is clipped: {clipped:.1%} of it is cut off at full scale, and "
            f"{MAX_CLIPPED_SHARE:.1%} are allowed: record it again, softer or further from the microphone"
        )


def _clipped_share(samples: NDArray[np.float32]) -> float:
    """Returns the share of samples in flat tops: several in a row at a maximum near full scale."""
    peak = float(np.abs(samples).max())
    if peak < _FULL_SCALE * 0.5:
        return 0.0
    top = np.abs(samples) >= peak * _FULL_SCALE
    runs = np.convolve(top, np.ones(_FLAT), mode="valid") >= _FLAT
    return float(runs.mean())


def _without_noise(sound: Samples, speech: NDArray[np.bool_]) -> Samples:
    """Subtracts the spectrum of the pauses, where there are enough of them to know it."""
    padded = np.pad(sound, _WINDOW)
    starts = np.arange(0, len(padded) - _WINDOW, _STEP)
    window = np.hanning(_WINDOW + 1)[:-1]
    spectra = np.fft.rfft(padded[starts[:, None] + np.arange(_WINDOW)] * window, axis=1)
    power = np.square(np.abs(spectra))
    inside = np.pad(speech, _WINDOW)
    quiet = np.array([not inside[s : s + _WINDOW].any() for s in starts]) & (power.sum(axis=1) > 0)
    if quiet.sum() < _MIN_NOISE_WINDOWS:
        return sound
    noise = power[quiet].mean(axis=0)
    gain = np.maximum(1 - _SUBTRACTED * noise / np.maximum(power, 1e-20), _LEFT)
    return _overlapped(np.fft.irfft(spectra * np.sqrt(gain), axis=1) * window, starts, len(padded))[
        _WINDOW : _WINDOW + len(sound)
    ]


def _overlapped(windows: Samples, starts: NDArray[np.int64], count: int) -> Samples:
    """Overlaps and adds windows under a squared Hann, of which four cover every sample."""
    whole = np.zeros(count)
    for start, window in zip(starts, windows, strict=True):
        whole[start : start + _WINDOW] += window
    return whole / 1.5
