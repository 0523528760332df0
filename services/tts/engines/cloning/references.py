"""Reads the recordings that a voice is made from: cleaned, judged, joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.chassis.sound.heard import open_sound
from services.chassis.sound.speech_activity import FRAME_SECONDS, find_speech
from services.tts.engines.cloning.mel import RATE as ENCODER_RATE
from services.tts.engines.cloning.speaker_encoder import Embedding, SpeakerEncoder, normalised

Samples = NDArray[np.float32]

RATE = 24_000
MIN_RATE = 8000
MIN_SPEECH_SECONDS, ENOUGH_SPEECH_SECONDS = 3.0, 10.0
MAX_SPEECH_SECONDS = 60.0
"""Seconds of speech that are used, of all recordings together."""
MIN_SIGNAL_TO_NOISE = 10.0
MIN_LEVEL_DB = -60.0
MIN_UNITY = 0.79
"""Least cosine of two parts of the recordings that are of one person."""
ADVICE = (
    f"give {ENOUGH_SPEECH_SECONDS:g} to {MAX_SPEECH_SECONDS:g} seconds of one person speaking, "
    "without music or noise"
)
_MAX_READ_SECONDS = 600.0
_LOW_HZ, _PASSED_HZ = 40.0, 70.0
_LOUDNESS = 0.1


@dataclass(frozen=True, slots=True)
class References:
    """The speech of all recordings at 24 kHz: without pauses, high-passed, of RMS 0.1, shape (n,).

    `highest` is the frequency in Hz up to which all of the recordings reach, `voice` how the encoder hears
    the person.
    """

    samples: Samples
    highest: float
    voice: Embedding

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


def read_references(paths: Sequence[Path], encoder: SpeakerEncoder) -> References:
    """Returns the speech of the recordings, at most a minute of it.

    Raises `MediaUnreadable` for audio that cannot be read; `InvalidArgument`, with the limit and the measured
    value, for recordings that are silent or noisy, have too little speech, or several people.
    """
    read = [_read(path, _named(number, len(paths))) for number, path in enumerate(paths)]
    share = round(MAX_SPEECH_SECONDS / len(read) * RATE)
    samples = np.concatenate([speech[:share] for speech, _ in read])
    seconds = len(samples) / RATE
    if seconds < MIN_SPEECH_SECONDS:
        raise InvalidArgument(
            f"the recordings have {seconds:.1f} s of speech, "
            f"and {MIN_SPEECH_SECONDS:g} s are needed: {ADVICE}"
        )
    windows = encoder.windows(at_encoder_rate(samples))
    check_one_person(windows)
    return References(samples, min(highest for _, highest in read), normalised(windows.mean(axis=0)))


def at_encoder_rate(samples: Samples, rate: int = RATE) -> Samples:
    """Returns samples as the encoder takes them."""
    return soxr.resample(samples, rate, ENCODER_RATE)


def without_pauses(samples: Samples, rate: int) -> Samples:
    """Returns the speech of a clean recording alone."""
    speech = np.repeat(find_speech(samples.astype(np.float64), rate).speech, round(rate * FRAME_SECONDS))
    return samples[: len(speech)][speech]


def check_one_person(windows: NDArray[np.float64]) -> None:
    """Raises `InvalidArgument` if windows of the encoder, in their order, are of several people."""
    unity = least_unity(windows)
    if unity < MIN_UNITY:
        raise InvalidArgument(
            f"several people seem to speak in the recordings: their most different parts are alike by "
            f"{unity:.2f}, and those of one person by {MIN_UNITY:g} at least. Give recordings of one person."
        )


def least_unity(windows: NDArray[np.float64]) -> float:
    """Returns the cosine of the most different two groups of windows, 1 if there are too few to tell.

    The windows are parted by the axis on which they differ most. Single windows of one person differ much.
    """
    if len(windows) < 4:
        return 1.0
    middle = windows - windows.mean(axis=0)
    first_axis = np.linalg.svd(middle, full_matrices=False)[2][0]
    side = middle @ first_axis > 0
    groups = [windows[side], windows[~side]]
    if min(map(len, groups)) < 2:
        return 1.0
    first, second = (normalised(group.mean(axis=0)) for group in groups)
    return float(first @ second)


def _named(number: int, count: int) -> str:
    return "reference" if count == 1 else f"reference {number + 1}"


def _read(path: Path, what: str) -> tuple[Samples, float]:
    """Returns the speech of a recording at 24 kHz, and the frequency up to which it reaches."""
    raw, rate = _decoded(path, what)
    sound = _high_passed(soxr.resample(raw, rate, RATE))
    level = 20 * np.log10(max(float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))), 1e-6))
    if level < MIN_LEVEL_DB:
        raise InvalidArgument(
            f"the {what} is silent, or nearly: its level is {level:.0f} dB, and {MIN_LEVEL_DB:g} dB are "
            f"needed. Check the microphone, and record it again."
        )
    activity = find_speech(sound.astype(np.float64), RATE)
    if activity.signal_to_noise < MIN_SIGNAL_TO_NOISE:
        raise InvalidArgument(
            f"the speech in the {what} stands {activity.signal_to_noise:.0f} dB above the noise, and "
            f"{MIN_SIGNAL_TO_NOISE:g} dB are needed: {ADVICE}"
        )
    speech = without_pauses(sound, RATE)
    loudness = max(float(np.sqrt(np.mean(np.square(speech, dtype=np.float64)))), 1e-6)
    return speech * np.float32(_LOUDNESS / loudness), min(rate, RATE) / 2


def _decoded(path: Path, what: str) -> tuple[Samples, int]:
    sound = open_sound(what, path, seconds=_MAX_READ_SECONDS)
    if sound.rate < MIN_RATE:
        raise MediaUnreadable(f"the {what} is sampled at {sound.rate} Hz: give {MIN_RATE} Hz or more")
    blocks, left = list[Samples](), round(_MAX_READ_SECONDS * sound.rate)
    for block in sound.blocks():
        blocks.append(block[:left])
        left -= len(blocks[-1])
        if not left:
            break
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if not len(samples) or not np.isfinite(samples).all():
        raise MediaUnreadable(f"the {what} holds no sound: give a recording of speech")
    return samples, sound.rate


def _high_passed(samples: Samples) -> Samples:
    """Returns the samples without rumble."""
    spectrum = np.fft.rfft(samples)
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    passed = np.clip((frequencies - _LOW_HZ) / (_PASSED_HZ - _LOW_HZ), 0, 1)
    return np.fft.irfft(spectrum * passed, len(samples)).astype(np.float32)
