import numpy as np
import pytest

from services.mux.engines.ffmpeg.speech_track import fitted, shifted

BLOCKS = [np.array([1, 2, 3], np.float32), np.array([4, 5], np.float32)]


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(0, [1, 2, 3, 4, 5]), (2, [0, 0, 1, 2, 3, 4, 5]), (-1, [2, 3, 4, 5]), (-4, [5]), (-9, [])],
)
def test_shifted(offset: int, expected: list[int]) -> None:
    assert np.concatenate([*shifted(BLOCKS, offset)]).tolist() == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, []), (2, [1, 2]), (3, [1, 2, 3]), (4, [1, 2, 3, 4]), (7, [1, 2, 3, 4, 5, 0, 0])],
)
def test_fitted(count: int, expected: list[int]) -> None:
    assert [value for block in fitted(BLOCKS, count) for value in block.tolist()] == expected
