from itertools import pairwise

import numpy as np
import pytest

from services.video.engines.puppet.motion.blinks import (
    AFTER_END,
    BETWEEN_DOUBLE,
    NOT_BEFORE,
    Blink,
    at_pauses,
    generate_blinks,
    lid_track,
)
from services.video.engines.puppet.motion.lip_track import frame_times


def starts(seconds: float, seed: int) -> list[float]:
    return [blink.start for blink in generate_blinks(seconds, seed)]


def pauses() -> np.ndarray:
    return np.concatenate([np.diff(starts(600, seed)) for seed in range(20)])


def test_blinks_depend_on_the_seed_only() -> None:
    assert generate_blinks(60, seed=7) == generate_blinks(60, seed=7)
    assert generate_blinks(60, seed=7) != generate_blinks(60, seed=8)


def test_a_longer_video_begins_with_the_blinks_of_the_shorter() -> None:
    short = generate_blinks(30, seed=3)
    assert generate_blinks(300, seed=3)[: len(short)] == short


def test_people_blink_twelve_to_twenty_times_a_minute_mostly_two_to_six_seconds_apart() -> None:
    per_minute = [len(generate_blinks(600, seed)) / 10 for seed in range(20)]
    single = pauses()[pauses() > BETWEEN_DOUBLE + 0.01]
    assert 12 < np.mean(per_minute) < 20
    assert ((single > 2) & (single < 6)).mean() > 0.6


def test_some_blinks_are_double() -> None:
    assert 0.05 < (pauses() < 0.5).mean() < 0.2


def test_the_first_blink_of_a_video_may_come_at_any_moment() -> None:
    first = np.array([starts(60, seed)[0] for seed in range(200)])
    assert first.min() >= NOT_BEFORE
    assert np.percentile(first, 20) < 1 and np.percentile(first, 80) > 3


def test_two_videos_blink_at_the_same_moments_no_more_often_than_by_chance() -> None:
    frames = np.zeros((40, 60 * 25))
    for seed in range(40):
        frames[seed, (np.array(starts(60, seed)) * 25).astype(int)] = 1
    together = np.mean([(frames[one] * frames[one + 1]).sum() for one in range(39)])
    assert together < 3 * 16**2 / (60 * 25)


def test_lids_close_in_a_tenth_of_a_second_and_open_in_two() -> None:
    times = np.arange(0, 1, 0.001)
    track = lid_track(times, [Blink(0.2)])
    moving = track > 0.001
    shut = times[track > 0.999]
    assert 0.1 <= shut[0] - 0.2 <= 0.15
    assert 0.17 <= times[moving][-1] - shut[-1] <= 0.25


@pytest.mark.parametrize("depth", [0.7, 1.0])
def test_a_blink_shuts_the_eye_as_far_as_it_is_deep(depth: float) -> None:
    assert lid_track(np.arange(0, 1, 0.001), [Blink(0.2, depth)]).max() == pytest.approx(depth, abs=1e-3)


def test_every_blink_shuts_the_eye_in_some_frame_and_opens_it_again() -> None:
    blinks = generate_blinks(60, seed=1)
    lids = lid_track(frame_times(60 * 25, 25.0), blinks)
    for blink, following in pairwise(blinks):
        during = lids[int(blink.start * 25) : int(following.start * 25)]
        assert during.max() > 0.9 * blink.depth and during.min() < 0.1
    assert (lids == 0).mean() > 0.8


def test_blinks_differ_and_some_are_partial() -> None:
    blinks = [blink for seed in range(20) for blink in generate_blinks(120, seed)]
    assert 0.05 < np.mean([blink.depth < 1 for blink in blinks]) < 0.3
    assert np.std([blink.slowness for blink in blinks]) > 0.03


def test_most_blinks_that_are_near_to_the_ends_of_phrases_move_there() -> None:
    near = [
        [blink.start for blink in at_pauses([Blink(1.0), Blink(3.0), Blink(6.0)], [1.3, 4.5, 5.8], seed)]
        for seed in range(100)
    ]
    moved = np.array(near)
    assert (moved[:, 1] == 3.0).all()
    assert 0.5 < ((moved[:, 0] >= 1.3) & (moved[:, 0] <= 1.3 + AFTER_END)).mean() < 0.9
    assert len(set(moved[:, 2])) > 50, "not all at the same moment after it"
    assert at_pauses([Blink(1.0), Blink(2.0)], [], 0) == [Blink(1.0), Blink(2.0)]


def test_moved_blinks_never_run_into_each_other() -> None:
    for seed in range(20):
        ends = np.random.default_rng(seed).uniform(0, 120, 60).tolist()
        moved = [blink.start for blink in at_pauses(generate_blinks(120, seed), ends, seed)]
        assert np.diff(moved).min() > BETWEEN_DOUBLE - 0.001
