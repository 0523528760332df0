"""Tests the measure of spectra, and the filters between them."""

import numpy as np
import pytest

from services.tts.engines.kokoro.cloning.spectrum import (
    CENTRES,
    MAX_GAIN_DB,
    TAPS,
    band_levels,
    equaliser,
    matching_gain,
    spectral_distance,
)

RATE = 24_000
NOISE = np.random.default_rng(0).normal(0, 0.1, 10 * RATE).astype(np.float32)
WHITE = band_levels(NOISE, RATE)
SLOPE = np.linspace(6, -6, len(CENTRES))


def test_white_noise_rises_by_three_decibels_an_octave() -> None:
    assert np.diff(WHITE[::3]) == pytest.approx(np.full(6, 3.0), abs=0.7)


def test_a_filter_has_the_gain_that_it_was_made_for() -> None:
    taps = equaliser(SLOPE, RATE)
    assert len(taps) == TAPS
    assert taps == pytest.approx(taps[::-1])
    filtered = band_levels(np.convolve(NOISE, taps, mode="same"), RATE)
    assert filtered - WHITE == pytest.approx(SLOPE, abs=0.7)


def test_no_gain_changes_nothing() -> None:
    same = np.convolve(NOISE, equaliser(np.zeros(len(CENTRES)), RATE), mode="same")
    assert same == pytest.approx(NOISE, abs=1e-6)


def test_a_voice_comes_near_to_the_wanted_spectrum() -> None:
    wanted = WHITE + SLOPE + 20
    gain = matching_gain(WHITE, wanted, RATE / 2)
    assert spectral_distance(WHITE, wanted, RATE / 2) > 3
    assert spectral_distance(WHITE + gain, wanted, RATE / 2) < 0.5
    assert abs(gain[(CENTRES > 300) & (CENTRES < 3500)].mean()) < 1e-9  # the level stays


def test_the_gain_is_bounded_and_held_where_nothing_is_known() -> None:
    wanted = np.where(CENTRES < 4000, WHITE, WHITE - 60)
    gain = matching_gain(WHITE, wanted, RATE / 2)
    assert np.abs(gain).max() == MAX_GAIN_DB
    held = matching_gain(WHITE, wanted, 4000)
    assert np.abs(held).max() < 1
