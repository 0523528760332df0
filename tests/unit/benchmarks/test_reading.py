"""Readings of sentences, their word error rates, and the measures of a voice."""

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from benchmarks.media.reading import Reading, backwards, read_aloud, word_error_rate
from benchmarks.media.revoice import with_effect
from benchmarks.media.voice_measures import median_pitch, spectrum_distance
from benchmarks.media.workbench import Workbench
from services.chassis.engine_api.effects import EffectPreset, EffectStep

RATE = 16_000


def harmonics(hertz: float, slope: float = 0.0) -> tuple[np.ndarray, int]:
    """Returns three seconds of harmonics, each `slope` dB below the one before, and their rate."""
    seconds = np.arange(3 * RATE) / RATE
    parts = [
        10 ** (-slope * n / 20) * np.sin(2 * np.pi * hertz * n * seconds) for n in range(1, int(7500 / hertz))
    ]
    return (0.1 * np.sum(parts, axis=0)).astype(np.float32), RATE


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_aloud("en-us", ["The boy was there.", "Two blue fish swam."])


def test_each_sentence_sounds_between_its_bounds(reading: Reading) -> None:
    (first, second), rate = reading.bounds, reading.rate
    assert first[0] == 0
    assert first[1] == second[0]
    assert second[1] == pytest.approx(len(reading.samples) / rate)
    for start, end in reading.bounds:
        assert np.abs(reading.samples[round(start * rate) : round(end * rate)]).max() > 0.1


def test_silence_and_reversed_speech_have_a_high_word_error_rate(reading: Reading) -> None:
    silent = reading.changed(np.zeros_like(reading.samples), reading.rate, reading.timeline)
    assert word_error_rate(silent) >= 0.9
    assert word_error_rate(backwards(reading)) > 0.7
    assert word_error_rate(reading) < 0.3


def test_the_bounds_of_sentences_follow_a_change_of_tempo(reading: Reading, tmp_path: Path) -> None:
    with ExitStack() as closing:
        faster = EffectPreset("faster", "", (EffectStep("tempo", {"factor": 1.5}),))
        quick = with_effect(Workbench(tmp_path, closing), reading, faster)
    assert quick.bounds[0][1] == pytest.approx(reading.bounds[0][1] / 1.5, abs=0.02)


@pytest.mark.parametrize("hertz", [95.0, 180.0])
def test_the_median_pitch_of_harmonics_is_their_fundamental(hertz: float) -> None:
    assert median_pitch(*harmonics(hertz)) == pytest.approx(hertz, rel=0.01)


def test_the_spectrum_distance_depends_on_timbre_and_not_on_loudness() -> None:
    samples, rate = harmonics(100)
    softer = (0.2 * samples).astype(np.float32)
    assert spectrum_distance((samples, rate), (softer, rate)) == pytest.approx(0, abs=0.01)
    assert spectrum_distance((samples, rate), harmonics(100, slope=0.3)) > 3
