"""Sizes of videos, computed from the portrait or given."""

import pytest
from pydantic import ValidationError

from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.video_size import portrait_size


@pytest.mark.parametrize(
    ("portrait", "size"),
    [
        ((512, 600), (512, 600)),
        ((513, 601), (512, 600)),
        ((4000, 3000), (1280, 960)),
        ((3000, 4000), (960, 1280)),
        ((64, 48), (128, 128)),
        ((1280, 1280), (1280, 1280)),
        ((10_000, 100), (1280, 128)),
    ],
)
def test_a_video_has_the_size_of_its_portrait_within_limits(portrait: tuple[int, int], size: tuple[int, int]):
    assert portrait_size(*portrait) == size


@pytest.mark.parametrize("size", ["128x128", "1280x720", "2160x2160", "256x2158"])
def test_a_size_within_the_limits_is_accepted(size: str):
    assert VideoRequest(size=size).size == size


@pytest.mark.parametrize(
    "size",
    [
        *(
            "1280",
            "x",
            "1280x",
            "x720",
            "1280x720x2",
            "1280X720",
            " 1280x720",
            "-128x128",
            "12.8x128",
            "²²x²²",
        ),
        *("127x128", "128x129", "126x128", "128x2162", "99999x128", "99999999999x128", "9" * 5000 + "x128"),
    ],
)
def test_any_other_size_is_refused_with_the_rule(size: str):
    with pytest.raises(ValidationError, match=r"WIDTHxHEIGHT|both sides must be even"):
        VideoRequest(size=size)
