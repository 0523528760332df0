"""A recording that is taken moves the lips as its clean twin does; any other is refused with its reason."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.media import MediaLimits
from services.gateway.assets.probing.inspection import readable_by_engines
from services.gateway.assets.probing.task import CONVERTED_SUFFIX
from services.video.engines.puppet.motion.loudness import audio_seconds, loudness_of, track_from_loudness
from services.video.engines.puppet.mouth.lip_pose import COLUMNS
from services.voice.engines.recording import read_recording
from tests.hostile.media import pictures
from tests.odd_recordings import ODD_RECORDINGS, RATE, OddRecording, encoded, speech

LIMITS = MediaLimits(20_000_000, 50_000_000, 60.0)
FPS = 25.0
MIN_CORRELATION = 0.8


def named(refused: bool) -> list[str]:
    return [name for name, odd in ODD_RECORDINGS.items() if bool(odd.refused) == refused]


def written(folder: Path, odd: OddRecording) -> Path:
    path = folder / "upload"
    path.write_bytes(odd.make())
    return path


def opening(path: Path, seconds: float) -> NDArray[np.floating]:
    loudness = loudness_of(path, round(seconds * FPS), FPS)
    return track_from_loudness(loudness, seed=1)[:, COLUMNS["open"]]


@pytest.mark.parametrize("name", named(refused=False))
def test_it_moves_the_lips_as_its_twin(tmp_path: Path, name: str) -> None:
    odd = ODD_RECORDINGS[name]
    path, twin = written(tmp_path, odd), tmp_path / "twin.wav"
    media, converted = readable_by_engines(path, LIMITS)
    taken = path.with_suffix(CONVERTED_SUFFIX) if converted else path
    soundfile.write(twin, odd.twin(), RATE)

    seconds = len(odd.twin()) / RATE
    assert media.duration_seconds == pytest.approx(seconds, abs=0.25)
    assert audio_seconds(taken) == pytest.approx(media.duration_seconds, abs=0.01)
    heard = read_recording(taken, what="recording")
    assert len(heard.samples) / heard.rate == pytest.approx(media.duration_seconds, abs=0.01)
    assert np.abs(heard.samples).max() < 2
    correlation = np.corrcoef(opening(taken, seconds), opening(twin, seconds))[0, 1]
    assert correlation >= MIN_CORRELATION


@pytest.mark.parametrize("name", named(refused=True))
def test_it_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    odd = ODD_RECORDINGS[name]
    with pytest.raises(AssetRefused) as refused:
        readable_by_engines(written(tmp_path, odd), LIMITS)
    assert refused.value.code == odd.refused


@pytest.mark.parametrize(("suffix", "codec"), [("mp4", "libx264"), ("mov", "mpeg4"), ("webm", "libvpx")])
def test_of_a_video_the_sound_is_taken_where_it_is_wanted(tmp_path: Path, suffix: str, codec: str) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=3", "-c:v", codec)
    path = written(tmp_path, OddRecording(lambda: encoded(suffix, *picture), speech))
    assert readable_by_engines(path, LIMITS)[0].kind == "video"
    media, _ = readable_by_engines(path, LIMITS, sound_only=True)
    assert (media.kind, media.media_type) == ("audio", "audio/flac")
    soundfile.write(tmp_path / "twin.wav", speech(), RATE)
    taken = opening(path.with_suffix(CONVERTED_SUFFIX), 3), opening(tmp_path / "twin.wav", 3)
    assert np.corrcoef(*taken)[0, 1] >= MIN_CORRELATION


def test_a_video_without_sound_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(pictures.encoded_video("libx264", "mp4"))
    with pytest.raises(AssetRefused, match="no sound"):
        readable_by_engines(path, LIMITS, sound_only=True)
