import numpy as np

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
