from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.mux.engines.ffmpeg.plan import TrackPart
from services.mux.engines.ffmpeg.speech_track import fitted, shifted, write_mono_track

BLOCKS = [np.array([1, 2, 3], np.float32), np.array([4, 5], np.float32)]


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(0, [1, 2, 3, 4, 5]), (2, [0, 0, 1, 2, 3, 4, 5]), (-1, [2, 3, 4, 5]), (-4, [5]), (-9, [])],
)
def test_shifted_delays_or_drops_samples(offset: int, expected: list[int]) -> None:
    assert np.concatenate([*shifted(BLOCKS, offset)]).tolist() == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, []), (2, [1, 2]), (3, [1, 2, 3]), (4, [1, 2, 3, 4]), (7, [1, 2, 3, 4, 5, 0, 0])],
)
def test_fitted_cuts_or_pads_samples(count: int, expected: list[int]) -> None:
    assert [value for block in fitted(BLOCKS, count) for value in block.tolist()] == expected


def test_a_track_has_each_part_at_its_own_length(tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    soundfile.write(speech, np.full(100, 0.5), 48_000)
    parts = [TrackPart(speech, 100), TrackPart(None, 50), TrackPart(speech, 98)]
    written = list(write_mono_track(tmp_path / "track.wav", parts))
    samples, rate = soundfile.read(tmp_path / "track.wav")
    assert (samples.shape, rate, written[-1]) == ((248,), 48_000, 248)
    assert samples[:100] == pytest.approx(0.5) and not samples[100:150].any()
    assert samples[150:] == pytest.approx(0.5)
