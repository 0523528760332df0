"""Conversion of recordings to FLAC."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
import soundfile

from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.lossless import write_flac
from services.gateway.assets.media import MediaLimits
from services.gateway.assets.probe import probe
from services.voice.engines.recording import read_recording
from tests.examples import READER

LIMITS = MediaLimits(20_000_000, 50_000_000, 60.0)


@pytest.mark.parametrize("name", ["reader.m4a", "reader.aac"])
def test_aac_is_converted_to_flac(tmp_path: Path, name: str):
    source, target = tmp_path / name, tmp_path / "reader.flac"
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([ffmpeg, "-v", "error", "-i", READER, "-ac", "2", "-ar", "44100", source], check=True)
    write_flac(source, target, LIMITS)
    info = soundfile.info(target)
    assert (info.format, info.samplerate, info.channels) == ("FLAC", 44_100, 1)
    assert info.duration == pytest.approx(7.1, abs=0.1)


def test_a_recording_that_cannot_be_decoded_is_refused(tmp_path: Path):
    source = tmp_path / "noise.m4a"
    source.write_bytes(b"\0\0\0\x18ftypM4A " + bytes(200))
    with pytest.raises(AssetRefused) as refused:
        write_flac(source, tmp_path / "noise.flac", LIMITS)
    assert refused.value.code == "audio_corrupt"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ima.wav", ["-c:a", "adpcm_ima_wav"]),
        ("yamaha.wav", ["-c:a", "adpcm_yamaha"]),
        ("mp2.wav", ["-c:a", "mp2", "-ar", "16000"]),
        ("flac.ogg", ["-c:a", "flac"]),
        ("low.wav", ["-ar", "4000"]),
        ("low.flac", ["-ar", "6000"]),
        ("low.m4a", ["-c:a", "alac", "-ar", "4000"]),
    ],
)
def test_what_engines_cannot_read_is_converted(tmp_path: Path, name: str, options: list[str]):
    """Checks with the reader that the engines use."""
    source, target = tmp_path / name, tmp_path / "converted.flac"
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([ffmpeg, "-v", "error", "-i", READER, *options, source], check=True)
    assert not probe(source, LIMITS).as_is
    write_flac(source, target, LIMITS)
    assert len(read_recording(target, what="recording").samples) / 16_000 == pytest.approx(7.1, abs=0.2)
