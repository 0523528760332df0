from itertools import pairwise

import numpy as np

from services.video.engines.puppet.motion.blinks import BETWEEN_DOUBLE, at_pauses, blink_starts, lid_track
from services.video.engines.puppet.motion.lip_track import frame_times


def pauses() -> np.ndarray:
    return np.concatenate([np.diff(blink_starts(600, seed)) for seed in range(20)])


def test_blinks_depend_on_the_seed_only() -> None:
    assert blink_starts(60, seed=7) == blink_starts(60, seed=7)
    assert blink_starts(60, seed=7) != blink_starts(60, seed=8)


def test_a_longer_video_begins_with_the_blinks_of_the_shorter() -> None:
    short = blink_starts(30, seed=3)
    assert blink_starts(300, seed=3)[: len(short)] == short


def test_people_blink_twelve_to_twenty_times_a_minute_mostly_two_to_six_seconds_apart() -> None:
    per_minute = [len(blink_starts(600, seed)) / 10 for seed in range(20)]
    single = pauses()[pauses() > BETWEEN_DOUBLE + 0.01]
    assert 12 < np.mean(per_minute) < 20
    assert ((single > 2) & (single < 6)).mean() > 0.65


def test_some_blinks_are_double() -> None:
    assert 0.05 < (pauses() < 0.5).mean() < 0.2


def test_lids_close_in_a_tenth_of_a_second_and_open_in_two() -> None:
    times = np.arange(0, 1, 0.001)
    track = lid_track(times, [0.2])
    moving = track > 0.001
    shut = times[track > 0.999]
    assert 0.1 <= shut[0] - 0.2 <= 0.15
    assert 0.17 <= times[moving][-1] - shut[-1] <= 0.25


def test_every_blink_shuts_the_eye_in_some_frame_and_opens_it_again() -> None:
    starts = blink_starts(60, seed=1)
    lids = lid_track(frame_times(60 * 25, 25.0), starts)
    for start, following in pairwise(starts):
        during = lids[int(start * 25) : int(following * 25)]
        assert during.max() > 0.9 and during.min() < 0.1
    assert (lids == 0).mean() > 0.8


def test_blinks_move_to_the_ends_of_phrases_that_are_near() -> None:
    assert at_pauses([1.0, 3.0, 6.0], [1.3, 4.5, 5.8]) == [1.3, 3.0, 5.8]
    assert at_pauses([1.0, 2.0], []) == [1.0, 2.0]


def test_moved_blinks_never_run_into_each_other() -> None:
    for seed in range(20):
        starts = blink_starts(120, seed)
        ends = np.random.default_rng(seed).uniform(0, 120, 60).tolist()
        assert np.diff(at_pauses(starts, ends)).min() > BETWEEN_DOUBLE - 0.001
