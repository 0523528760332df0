from itertools import pairwise

import numpy as np

from services.chassis.timeline import SpeechTimeline, Stress, TimedPhoneme
from services.video.engines.puppet.life import blink_starts, head_track, lid_track
from services.video.engines.puppet.lip_track import frame_times


def test_blinks_depend_on_the_seed_only() -> None:
    assert blink_starts(60, seed=7) == blink_starts(60, seed=7)
    assert blink_starts(60, seed=7) != blink_starts(60, seed=8)


def test_a_longer_video_begins_with_the_blinks_of_the_shorter() -> None:
    short = blink_starts(30, seed=3)
    assert blink_starts(300, seed=3)[: len(short)] == short


def test_people_blink_ten_to_twenty_five_times_a_minute() -> None:
    per_minute = [len(blink_starts(600, seed)) / 10 for seed in range(20)]
    assert 10 < np.mean(per_minute) < 25


def test_every_blink_shuts_the_eye_in_some_frame_and_opens_it_again() -> None:
    starts = blink_starts(60, seed=1)
    lids = lid_track(frame_times(60 * 25, 25.0), starts)
    for start, following in pairwise(starts):
        during = lids[int(start * 25) : int(following * 25)]
        assert during.max() > 0.9 and during.min() < 0.1
    assert (lids == 0).mean() > 0.8


def test_the_head_moves_slightly_smoothly_and_as_seeded() -> None:
    times = frame_times(60 * 25, 25.0)
    head, same, other = (head_track(times, None, seed) for seed in (1, 1, 2))
    assert np.array_equal(head.turn, same.turn) and not np.array_equal(head.turn, other.turn)
    assert 0.3 < np.ptp(head.turn) <= 2
    assert np.abs(np.diff(head.turn)).max() < 0.1
    assert np.abs(head.lean).max() < 0.02 and np.abs(head.shift).max() < 0.01


def test_stress_nods() -> None:
    times = frame_times(50, 25.0)
    stressed = SpeechTimeline(2, "en", (), (TimedPhoneme("a", 1.0, 1.2, Stress.PRIMARY),))
    difference = head_track(times, stressed, 1).nod - head_track(times, None, 1).nod
    assert difference[:20].max() == 0 and difference.max() > 0.4 and difference[40:].max() == 0
