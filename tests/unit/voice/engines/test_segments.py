from itertools import pairwise

import numpy as np
import pytest

from services.voice.engines.segments import MAX_SECONDS, cut_points, cut_stream

RATE = 8000


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, round(seconds * RATE)).astype(np.float32)


def test_short_speech_is_one_segment() -> None:
    assert cut_points(noise(5), RATE) == [0, 5 * RATE]


def test_cuts_fall_into_the_pauses() -> None:
    samples = noise(40)
    for pause in (12, 23.5):
        samples[round(pause * RATE) : round((pause + 0.2) * RATE)] = 0
    first, second = cut_points(samples, RATE)[1:3]
    assert 12 <= first / RATE <= 12.2
    assert 23.5 <= second / RATE <= 23.7


def test_segments_are_bounded_not_empty_and_cover_everything() -> None:
    points = cut_points(noise(100), RATE)
    assert (points[0], points[-1]) == (0, 100 * RATE)
    assert all(0 < b - a <= MAX_SECONDS * RATE for a, b in pairwise(points))


@pytest.mark.parametrize("block", [0.1, 0.7, 45.0])
def test_a_stream_is_cut_in_its_pauses_and_loses_nothing(block: float):
    samples = noise(70)
    samples[round(22.5 * RATE) : round(22.7 * RATE)] = 0
    size = round(block * RATE)
    blocks = (samples[start : start + size] for start in range(0, len(samples), size))
    pieces = list(cut_stream(blocks, RATE, 18.0, 29.0))
    assert np.array_equal(np.concatenate(pieces), samples)
    assert all(18 <= len(piece) / RATE <= 29 for piece in pieces[:-1])
    assert len(pieces[0]) / RATE == pytest.approx(22.6, abs=0.1)


def test_a_stream_without_sound_has_no_segments():
    assert list(cut_stream([np.zeros(0)], RATE, 18.0, 29.0)) == []
