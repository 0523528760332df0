"""Tests how recordings of a speaker are cleaned or refused."""

from typing import Any

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from services.chassis.errors import InvalidArgument
from services.chassis.sound.speech_activity import find_speech
from services.voice.engines.recording import Recording, read_recording
from services.voice.engines.reference import clean_reference
from tests.examples import READER as READER_FILE

READER = read_recording(READER_FILE, what="reference")
RANDOM = np.random.default_rng(0)


def recording(samples: NDArray[Any], rate: int = READER.rate) -> Recording:
    return Recording(samples.astype(np.float32), rate)


def noisy(decibels: float) -> Recording:
    """Returns the reader twice, with a pause between, in noise that many decibels below."""
    speech = np.concatenate([READER.samples, np.zeros(READER.rate), READER.samples])
    level = np.sqrt(np.mean(READER.samples**2)) * 10 ** (-decibels / 20)
    return recording(speech + RANDOM.normal(0, level, len(speech)))


@pytest.mark.parametrize(("rate", "cleaned"), [(8000, 16000), (16000, 16000), (22050, 24000), (48000, 24000)])
def test_a_clean_reference_has_one_of_two_rates(rate: int, cleaned: int) -> None:
    made = clean_reference(recording(soxr.resample(READER.samples, READER.rate, rate), rate))
    assert made.recording.rate == cleaned
    assert made.highest == min(rate, cleaned) / 2
    assert made.recording.samples.dtype == np.float32


def test_pauses_are_cut_out_and_loudness_is_set() -> None:
    pause = np.zeros(3 * READER.rate)
    quiet = np.concatenate([pause, READER.samples, pause, READER.samples, pause]) * 0.1
    made, plain = clean_reference(recording(quiet)), clean_reference(READER)
    assert made.speech_seconds == pytest.approx(2 * plain.speech_seconds, rel=0.1)
    assert len(made.recording.samples) / made.recording.rate == pytest.approx(made.speech_seconds, abs=0.02)
    for each in (made, plain):
        assert np.sqrt(np.mean(each.recording.samples**2)) == pytest.approx(0.1, rel=0.01)


def test_noise_is_removed() -> None:
    """Checks the band above 5 kHz, where the reader has nothing: less noise is left than was added."""
    before, after = noisy(20.0), clean_reference(noisy(20.0)).recording
    assert share_above(after) < 0.5 * share_above(before)
    assert clean_reference(noisy(20.0)).signal_to_noise < clean_reference(READER).signal_to_noise


def share_above(sound: Recording, hertz: float = 6000.0) -> float:
    power = np.square(np.abs(np.fft.rfft(sound.samples)))
    return float(power[np.fft.rfftfreq(len(sound.samples), 1 / sound.rate) > hertz].sum() / power.sum())


def test_speech_activity_is_found_at_its_time() -> None:
    second = np.zeros(READER.rate)
    activity = find_speech(np.concatenate([second, READER.samples.astype(np.float64), second]), READER.rate)
    assert not activity.speech[:80].any()
    assert not activity.speech[-80:].any()
    assert activity.speech[150:750].mean() > 0.9


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (recording(READER.samples[: READER.rate]), r"has 0\.\d s of speech, and 2 s are needed"),
        (recording(np.clip(READER.samples * 20, -1, 1)), r"clipped: [\d.]+% of it .* 0\.5% are allowed"),
        (noisy(0.0), r"stands \d dB above the noise, and 10 dB are needed"),
        (recording(np.zeros(5 * READER.rate)), "stands 0 dB"),
        (recording(RANDOM.normal(0, 0.1, 5 * READER.rate)), "above the noise"),
    ],
    ids=["short", "clipped", "noisy", "silent", "noise"],
)
def test_an_unusable_reference_is_refused_with_the_reason(bad: Recording, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        clean_reference(bad)


def test_a_loud_recording_is_not_taken_for_clipped() -> None:
    loud = READER.samples / np.abs(READER.samples).max()
    assert clean_reference(recording(loud)).speech_seconds > 5
