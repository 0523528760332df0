from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.chassis.errors import MediaUnreadable
from services.voice.engines.recording import Recording, read_recording, write_recording


def test_sixteen_bit_samples_survive_reading_and_writing(tmp_path: Path) -> None:
    every = np.arange(-32768, 32768, dtype=np.int16)
    soundfile.write(tmp_path / "in.wav", every, 16000, subtype="PCM_16")
    write_recording(tmp_path / "out.wav", read_recording(tmp_path / "in.wav", what="speech"))
    assert np.array_equal(soundfile.read(tmp_path / "out.wav", dtype="int16")[0], every)


def test_samples_beyond_full_scale_are_clipped_and_not_wrapped(tmp_path: Path) -> None:
    write_recording(tmp_path / "out.wav", Recording(np.array([2.0, -2.0], np.float32), 16000))
    assert soundfile.read(tmp_path / "out.wav", dtype="int16")[0].tolist() == [32767, -32768]


def test_channels_are_averaged_and_the_rest_left_unread(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "in.wav", np.tile([0.5, -0.25], (16000, 1)), 16000, subtype="FLOAT")
    recording = read_recording(tmp_path / "in.wav", what="speech", seconds=0.25)
    assert len(recording.samples) == 4000
    assert recording.samples == pytest.approx(np.full(4000, 0.125))


@pytest.mark.parametrize("content", [b"", b"this is no audio", b"RIFF\x24\x00\x00\x00WAVEfmt "])
def test_a_file_that_is_not_audio_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.wav").write_bytes(content)
    with pytest.raises(MediaUnreadable, match="the reference"):
        read_recording(tmp_path / "in.wav", what="reference")


@pytest.mark.parametrize(
    ("samples", "rate"), [([], 16000), ([float("nan")] * 100, 16000), ([0.1] * 100, 4000)]
)
def test_empty_or_low_rate_audio_is_refused(tmp_path: Path, samples: list[float], rate: int) -> None:
    soundfile.write(tmp_path / "in.wav", np.array(samples), rate, subtype="FLOAT")
    with pytest.raises(MediaUnreadable):
        read_recording(tmp_path / "in.wav", what="speech")


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable):
        read_recording(tmp_path / "none.wav", what="speech")
