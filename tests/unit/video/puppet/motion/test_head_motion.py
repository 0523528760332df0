import numpy as np

from services.chassis.engine_api.timeline import SpeechTimeline, Stress, TimedPhoneme
from services.video.engines.puppet.motion.head_motion import BREATHS_PER_SECOND, breath_track, head_track
from services.video.engines.puppet.motion.lip_track import frame_times

TIMES = frame_times(60 * 25, 25.0)
USUAL = np.ones(len(TIMES), dtype=np.float32)


def test_the_head_moves_slightly_smoothly_and_as_seeded() -> None:
    head, same, other = (head_track(TIMES, None, seed, USUAL) for seed in (1, 1, 2))
    assert np.array_equal(head.turn, same.turn) and not np.array_equal(head.turn, other.turn)
    assert 0.3 < np.ptp(head.turn) <= 2
    assert np.abs(np.diff(head.turn)).max() < 0.1
    assert np.abs(head.lean).max() < 0.02 and np.abs(head.shift).max() < 0.015


def test_a_calm_head_moves_less() -> None:
    calm, usual = head_track(TIMES, None, 1, 0.5 * USUAL), head_track(TIMES, None, 1, USUAL)
    assert np.allclose(calm.turn, 0.5 * usual.turn)


def test_the_head_breathes_about_fourteen_times_a_minute() -> None:
    breath = breath_track(TIMES, np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(breath))
    assert np.fft.rfftfreq(len(TIMES), 1 / 25)[spectrum.argmax()] * 60 == np.float64(
        round(BREATHS_PER_SECOND * 60)
    )
    assert 0.005 < np.ptp(breath) < 0.01


def spoken() -> SpeechTimeline:
    """Returns a minute of phrases of three seconds, with pauses of one, stressed every half second."""
    sounds = [
        TimedPhoneme("a", start + step / 2, start + step / 2 + 0.5, Stress.PRIMARY)
        for start in range(0, 60, 4)
        for step in range(6)
    ]
    return SpeechTimeline(60, "en", (), tuple(sounds))


def test_a_head_that_speaks_turns_much_more_than_one_that_does_not() -> None:
    turns = np.array([head_track(TIMES, spoken(), seed, USUAL).turn.std() for seed in range(20)])
    idle = np.array([head_track(TIMES, None, seed, USUAL).turn.std() for seed in range(20)])
    assert 1.6 < turns.mean() < 3 and turns.min() > 1
    assert turns.mean() > 4 * idle.mean()
    fastest = max(np.abs(np.diff(head_track(TIMES, spoken(), seed, USUAL).turn)).max() for seed in range(20))
    assert fastest < 0.8


def test_the_head_turns_where_phrases_begin() -> None:
    speed = np.mean(
        [np.abs(np.diff(head_track(TIMES, spoken(), seed, USUAL).turn)) for seed in range(40)], axis=0
    )
    within = TIMES[1:] % 4
    assert speed[within < 0.7].mean() > 1.5 * speed[(within > 0.7) & (within < 3)].mean()


def test_a_head_is_nearly_still_in_pauses() -> None:
    within = TIMES[1:] % 4
    pause = (within > 3.35) & (within < 3.75)
    for seed in range(5):
        turn = np.abs(np.diff(head_track(TIMES, spoken(), seed, USUAL).turn))
        assert turn[pause].mean() < 0.25 * turn[~pause].mean()


def test_no_period_can_be_seen_in_the_turns() -> None:
    turn = head_track(TIMES, spoken(), 3, USUAL).turn
    centred = turn - turn.mean()
    repeated = np.correlate(centred, centred, "full")[len(turn) :] / float(centred @ centred)
    assert repeated[50:].max() < 0.6
