import numpy as np

from services.video.engines.puppet.motion.glances import glance_track
from services.video.engines.puppet.motion.lip_track import frame_times

TIMES = frame_times(60 * 50, 50.0)


def test_eyes_rest_mostly_near_where_the_portrait_looks() -> None:
    track = glance_track(TIMES, seed=1)
    assert np.median(np.abs(track)) < 0.15
    assert np.abs(track).max() <= 1


def test_eyes_jump_and_rest() -> None:
    moving = (np.abs(np.diff(glance_track(TIMES, seed=1), axis=0)) > 1e-6).any(axis=1)
    assert 0.02 < moving.mean() < 0.2
    still = np.flatnonzero(~moving)
    assert np.diff(still).max() <= 5


def test_glances_are_seeded_and_do_not_depend_on_the_length() -> None:
    assert np.array_equal(glance_track(TIMES[:500], seed=2), glance_track(TIMES, seed=2)[:500])
    assert not np.array_equal(glance_track(TIMES, seed=2), glance_track(TIMES, seed=3))


def test_the_eyes_do_not_jump_at_the_same_moment_in_every_video() -> None:
    tracks = [glance_track(TIMES, seed) for seed in range(60)]
    first = [int(np.flatnonzero(np.abs(np.diff(track, axis=0)).max(axis=1) > 1e-6)[0]) for track in tracks]
    assert np.std(first) > 5


def test_who_begins_a_phrase_often_looks_away() -> None:
    starts = np.arange(2.0, 58.0, 4.0)
    within = np.zeros(len(TIMES), dtype=bool)
    for start in starts:
        within |= np.abs(TIMES - start - 0.25) < 0.25
    tracks = [np.abs(glance_track(TIMES, seed, starts)[:, 0]) > 0.35 for seed in range(20)]
    assert np.mean([track[within].mean() for track in tracks]) > 1.3 * np.mean(
        [track[~within].mean() for track in tracks]
    )
