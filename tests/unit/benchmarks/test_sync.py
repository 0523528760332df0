"""The offset between mouth and sounds, computed for mouths with a known offset."""

import numpy as np
import pytest

from benchmarks.media.mouth_track import MouthTrack
from benchmarks.media.sync import (
    STEPS_PER_SECOND,
    bilabial_frames,
    expected_opening,
    heard_from_timeline,
    sync_of,
)
from benchmarks.recogniser import HeardSound
from services.chassis.engine_api.timeline import TimedPhoneme

FPS = 25
NAMES = ("SIL", "AA", "M", "EH", "T", "AE", "B", "IY", "SIL", "AO", "P", "UW", "S", "AY", "F", "OW", "SIL")
SOUNDS = [
    HeardSound(name, start, start + 0.08 + 0.02 * (number % 3))
    for number, (name, start) in enumerate((name, 0.2 * place) for place, name in enumerate(NAMES))
]


def mouth(late: float, gain: float = 0.1) -> MouthTrack:
    """Returns a mouth that follows the sounds exactly, `late` seconds afterwards."""
    signal = gain * expected_opening(SOUNDS, 4 * STEPS_PER_SECOND)
    seconds = (np.arange(int(3.4 * FPS)) + 0.5) / FPS
    steps = np.arange(len(signal)) / STEPS_PER_SECOND
    return MouthTrack(seconds, np.interp(seconds - late, steps, signal))


@pytest.mark.parametrize("late", [-0.12, -0.02, 0.0, 0.013, 0.04, 0.2])
def test_the_known_offset_of_a_mouth_is_measured(late: float) -> None:
    sync = sync_of(mouth(late), SOUNDS)
    assert sync.milliseconds == pytest.approx(1000 * late, abs=3)
    assert sync.correlation > 0.97


def test_the_offset_does_not_depend_on_how_wide_the_mouth_opens() -> None:
    assert sync_of(mouth(0.05, gain=3), SOUNDS).milliseconds == pytest.approx(50, abs=3)


def test_pictures_without_a_face_are_skipped() -> None:
    track = mouth(0.04)
    track.opening[20:24] = np.nan
    assert sync_of(track, SOUNDS).milliseconds == pytest.approx(40, abs=5)


def test_a_mouth_that_moves_at_random_has_a_low_correlation() -> None:
    track = mouth(0.0)
    moves = np.random.default_rng(1).normal(size=len(track.seconds))
    assert sync_of(MouthTrack(track.seconds, moves), SOUNDS).correlation < 0.6


def test_closed_lips_are_counted_only_within_bilabials() -> None:
    seconds = np.array([0.02, 0.06, 0.10, 0.14, 0.18])
    track = MouthTrack(seconds, np.array([0.5, 0.01, 0.3, np.nan, 0.0]))
    sounds = [HeardSound("M", 0.05, 0.15), HeardSound("AA", 0.15, 0.2)]
    assert bilabial_frames(track, sounds).tolist() == [True, False, False]


def test_an_ipa_phoneme_is_named_by_its_first_letter() -> None:
    phonemes = (TimedPhoneme("aɪ", 0.0, 0.2), TimedPhoneme("b", 0.2, 0.3))
    assert [sound.name for sound in heard_from_timeline(phonemes)] == ["a", "b"]
