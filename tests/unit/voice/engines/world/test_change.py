import numpy as np
import pytest

from services.voice.engines.world.analysis import Frames
from services.voice.engines.world.change import add_breath, move_pitch, plan_change, plan_shift
from services.voice.engines.world.profile import BANDS, Profile, pitch_statistics

FLAT = np.zeros_like(BANDS)


def speaker(pitch: float, spread: float) -> Profile:
    return Profile(float(np.log(pitch)), spread, FLAT, FLAT, FLAT, 7000.0)


@pytest.mark.parametrize(("semitones", "pitch"), [(0, 100.0), (12, 200.0), (-12, 50.0), (7, 149.83)])
def test_a_shift_multiplies_the_pitch(semitones: float, pitch: float) -> None:
    moved = move_pitch(np.array([100.0, 0.0]), plan_shift(semitones, 1.0))
    assert moved == pytest.approx([pitch, 0.0], rel=1e-4)


@pytest.mark.parametrize(("strength", "pitch"), [(0.0, 100.0), (0.5, 141.42), (1.0, 200.0)])
def test_strength_is_the_share_of_the_way_to_the_reference(strength: float, pitch: float) -> None:
    change = plan_change(speaker(100, 0.1), speaker(200, 0.1), strength, 0.0, 1.0)
    assert move_pitch(np.array([100.0]), change) == pytest.approx([pitch], rel=1e-4)


@pytest.mark.parametrize(("spread", "factor"), [(0.1, 1.0), (0.15, 1.5), (0.9, 2.0), (0.01, 0.5)])
def test_the_spread_follows_the_reference_within_bounds(spread: float, factor: float) -> None:
    change = plan_change(speaker(100, 0.1), speaker(100, spread), 1.0, 0.0, 1.0)
    assert change.spread == pytest.approx(factor)


def test_given_amounts_are_added() -> None:
    change = plan_change(speaker(100, 0.1), speaker(120, 0.1), 1.0, 12.0, 1.1)
    assert move_pitch(np.array([100.0]), change) == pytest.approx([240.0], rel=1e-4)
    assert change.formant_scale == pytest.approx(1.1, rel=0.01)


def test_moved_pitch_stays_in_range() -> None:
    assert move_pitch(np.array([60.0, 500.0]), plan_shift(-24, 1.0)) == pytest.approx([40.0, 125.0])
    assert move_pitch(np.array([500.0]), plan_shift(24, 1.0)) == pytest.approx([1000.0])


def test_pitch_statistics_are_robust_to_octave_errors() -> None:
    pitch = np.exp(np.random.default_rng(1).normal(np.log(120), 0.1, 5000))
    wrong = np.concatenate([pitch, pitch[:300] / 2, pitch[:300] * 2])
    centre, spread = pitch_statistics(wrong)
    assert np.exp(centre) == pytest.approx(120, rel=0.01)
    assert spread == pytest.approx(0.1, rel=0.05)


def breathing(breath: float) -> Profile:
    return Profile(5.0, 0.1, FLAT, FLAT, FLAT + breath, 7000.0)


@pytest.mark.parametrize(("breath", "noise"), [(1.0, 0.4754), (-9.0, 0.1682), (9.0, 0.5990)])
def test_voiced_frames_get_the_breath_of_the_reference_within_bounds(breath: float, noise: float) -> None:
    change = plan_change(breathing(0.0), breathing(breath), 1.0, 0.0, 1.0)
    frames = Frames(np.array([100.0, 0.0]), np.ones((2, 513)), np.full((2, 513), 0.25), 16000)
    breathed = add_breath(frames, change.breath)
    assert breathed[0] == pytest.approx(np.full(513, noise), abs=1e-3)
    assert breathed[1] == pytest.approx(np.full(513, 0.25))


def test_a_shift_does_not_change_the_breath() -> None:
    frames = Frames(np.array([100.0]), np.ones((1, 513)), np.full((1, 513), 0.25), 16000)
    assert add_breath(frames, plan_shift(4.0, 1.1).breath) is frames.noise
