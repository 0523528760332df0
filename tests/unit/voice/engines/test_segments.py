from itertools import pairwise

import numpy as np

from services.voice.engines.segments import MAX_SECONDS, cut_points

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
