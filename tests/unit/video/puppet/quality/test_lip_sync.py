"""Lip sync of known mouths, given as rows of brightnesses."""

import numpy as np
import pytest

from services.chassis.engine_api.timeline import SpeechTimeline, TimedPhoneme
from services.video.engines.puppet.quality.lip_sync import expected_opening, lip_sync

FPS = 25.0
PHONEMES = tuple(
    TimedPhoneme(ipa, 0.11 * number, 0.11 * (number + 1))
    for number, ipa in enumerate(
        ("h", "a", "m", "i", "t", "ɑ", "b", "u", "s", "æ", "p", "o", "f", "a", "m", "e")
    )
)
TIMELINE = SpeechTimeline(2.0, phonemes=PHONEMES)


def mouth(late: float, gain: float = 60.0) -> np.ndarray:
    """Returns brightnesses, (frames, 20): half of the places get darker as the mouth opens; with noise."""
    times = (np.arange(50) + 0.5) / FPS - late
    opening = expected_opening(TIMELINE, np.linspace(-1, 3, 2000))
    opening = np.interp(times, np.linspace(-1, 3, 2000), opening)
    share = np.array([1.0, 0.0] * 10)
    noise = np.random.default_rng(0).normal(0, 0.5, (50, 20))
    return 120 - gain * opening[:, None] * share + noise


@pytest.mark.parametrize("late", [-0.12, -0.04, 0.0, 0.02, 0.08, 0.16])
@pytest.mark.parametrize("gain", [60.0, -60.0])
def test_the_offset_is_found_whether_an_open_mouth_is_dark_or_bright(late: float, gain: float) -> None:
    found = lip_sync(mouth(late, gain), FPS, TIMELINE)
    assert found is not None
    assert found.seconds == pytest.approx(late, abs=0.011)
    assert found.correlation > 0.9


def test_a_still_mouth_has_no_correlation() -> None:
    found = lip_sync(mouth(0.0, gain=0.0), FPS, TIMELINE)
    assert found is not None
    assert found.correlation < 0.5
    held = lip_sync(np.full((50, 20), 100.0), FPS, TIMELINE)
    assert held is not None
    assert held.correlation == 0


def test_a_few_phonemes_are_too_few_to_measure() -> None:
    assert lip_sync(mouth(0.0), FPS, SpeechTimeline(2.0, phonemes=PHONEMES[:5])) is None


@pytest.mark.parametrize("seconds", [0.1, 0.3])
def test_many_phonemes_in_a_moment_are_too_short_to_measure(seconds: float) -> None:
    """Puts 20 phonemes into a moment, as in a recording too short for the sentence of its timeline."""
    step = seconds / 20
    phonemes = tuple(TimedPhoneme("a", step * number, step * (number + 1)) for number in range(20))
    timeline = SpeechTimeline(seconds, phonemes=phonemes)
    frames = round(seconds * FPS)
    assert lip_sync(mouth(0.0)[:frames], FPS, timeline) is None
