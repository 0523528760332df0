"""Tests the search on a world in which voices follow from styles by a map that it does not know."""

import numpy as np
import pytest
from numpy.typing import NDArray

from services.tts.engines.kokoro.cloning.style_search import StyleSearch

RANDOM = np.random.default_rng(1)
MAP = RANDOM.normal(0, 1, (256, 256))
STYLES = list(RANDOM.normal(0, 1, (54, 12)) @ RANDOM.normal(0, 0.1, (12, 256)))
RENDERS = 18


def voice(style: NDArray[np.float64]) -> NDArray[np.float64]:
    heard = np.maximum(0, style @ MAP + 0.5)
    return heard / np.linalg.norm(heard)


def search(target: NDArray[np.float64], refused: int = 0) -> StyleSearch:
    found = StyleSearch(STYLES, [voice(style) for style in STYLES], target)
    for number in range(RENDERS):
        style = found.propose()
        found.hear(None if number < refused else voice(style))
    return found


@pytest.mark.parametrize("mixed", [(0, 1), (5, 20), (30, 41)])
def test_a_voice_between_two_is_found(mixed: tuple[int, int]) -> None:
    first, second = (STYLES[each] for each in mixed)
    target = voice((first + second) / 2)
    nearest = max(float(voice(style) @ target) for style in STYLES)
    found = search(target)
    assert found.cosine > (1 + nearest) / 2
    assert voice(found.style) @ target == pytest.approx(found.cosine)


def test_the_same_target_gives_the_same_style() -> None:
    target = voice(STYLES[3] - STYLES[7])
    assert np.array_equal(search(target).style, search(target).style)


def test_styles_that_are_no_speech_are_left_behind() -> None:
    target = voice(STYLES[3] + STYLES[8])
    nearest = max(float(voice(style) @ target) for style in STYLES)
    assert search(target, refused=3).cosine > nearest
    assert search(target, refused=RENDERS).cosine == pytest.approx(nearest)
