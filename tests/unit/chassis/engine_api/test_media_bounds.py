from fractions import Fraction
from pathlib import Path

import pytest

from services.chassis.engine_api.media_bounds import (
    SampleCounter,
    check_one_recording,
    check_picture,
    check_sound_format,
    check_video,
)
from services.chassis.errors import InvalidArgument, MediaUnreadable
from tests.hostile.media.sounds import chained_ogg, encoded, many_ogg_streams, mp3


@pytest.mark.parametrize(
    ("width", "height", "fits"),
    [
        (512, 600, True),
        (1, 1, True),
        (7000, 7000, True),
        (16_384, 3000, True),
        (10, 100, True),
        (10, 101, False),
        (64_000, 780, False),
        (16_385, 2000, False),
        (7100, 7100, False),
    ],
)
def test_pictures_have_bounds_of_pixels_sides_and_aspect(width: int, height: int, fits: bool) -> None:
    if fits:
        check_picture("portrait", width, height, 50_000_000)
    else:
        with pytest.raises(InvalidArgument, match=f"{width}x{height}"):
            check_picture("portrait", width, height, 50_000_000)


@pytest.mark.parametrize(
    ("rate", "channels", "fits"),
    [(8000, 1, True), (192_000, 8, True), (192_001, 1, False), (655_350, 1, False), (48_000, 9, False)],
)
def test_sounds_have_bounds_of_rate_and_channels(rate: int, channels: int, fits: bool) -> None:
    if fits:
        check_sound_format("speech", rate, channels)
    else:
        with pytest.raises(MediaUnreadable, match="the speech"):
            check_sound_format("speech", rate, channels)


@pytest.mark.parametrize(
    ("side", "rate", "fits"),
    [(4096, "25", True), (8192, "240", True), (8193, "25", False), (64, "90000", False)],
)
def test_videos_have_bounds_of_sides_and_frame_rate(side: int, rate: str, fits: bool) -> None:
    if fits:
        check_video("picture", side, side, Fraction(rate))
    else:
        with pytest.raises(InvalidArgument, match="picture"):
            check_video("picture", side, side, Fraction(rate))


def test_samples_are_counted_to_the_bound_and_no_further() -> None:
    counter = SampleCounter("speech", 48_000 * 60)
    counter.add(48_000 * 60)
    with pytest.raises(InvalidArgument, match="1 minutes at 48 kHz"):
        counter.add(1)


@pytest.mark.parametrize("links", [2, 3, 200])
def test_several_recordings_one_after_the_other_are_refused(tmp_path: Path, links: int) -> None:
    (tmp_path / "chain.ogg").write_bytes(chained_ogg(links))
    with pytest.raises(MediaUnreadable, match="several recordings"):
        check_one_recording("speech", tmp_path / "chain.ogg")


@pytest.mark.parametrize(
    "content",
    [
        chained_ogg(1),
        encoded("wav", "pcm_s16le"),
        mp3(),
        b"",
        b"OggS",
        many_ogg_streams(9),
    ],
)
def test_a_single_recording_passes_and_so_does_what_is_no_ogg(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "recording").write_bytes(content)
    check_one_recording("speech", tmp_path / "recording")
