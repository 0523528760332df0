from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import Fit
from services.video.engines.puppet.portrait.background import composed, own_opacity
from services.video.engines.puppet.portrait.canonical import canonical_face
from services.video.engines.puppet.portrait.framing import Framing, frame_face
from services.video.engines.puppet.portrait.read import Portrait

LIMIT = 1_000_000
FACE = canonical_face().mapped((10, 10), (-5, -5))
GREEN = np.full((100, 100, 3), (0, 200, 0), np.uint8)


def padded() -> Framing:
    return frame_face((100, 100), FACE, (200, 100), Fit.PAD)


def half_transparent() -> Portrait:
    """Returns a portrait that is opaque on the left and clear on the right, where it is read as white."""
    opacity = np.zeros((100, 100), np.uint8)
    opacity[:, :50] = 255
    return Portrait(np.where(opacity[:, :, None] == 255, GREEN, np.uint8(255)), opacity)


def test_a_background_colour_is_seen_beside_a_padded_portrait() -> None:
    picture = composed(Portrait(GREEN), padded(), "#ff8000", LIMIT)
    assert picture.shape == (100, 200, 3)
    assert picture[50, 10].tolist() == picture[50, 190].tolist() == [0, 128, 255]
    assert picture[50, 100].tolist() == [0, 200, 0]


def test_the_default_background_of_a_padded_portrait_is_the_portrait_darkened() -> None:
    picture = composed(Portrait(GREEN), padded(), None, LIMIT)
    assert picture[50, 10] == pytest.approx([0, 160, 0], abs=2)


def test_a_background_image_fills_the_picture_whatever_its_shape(tmp_path: Path) -> None:
    Image.new("RGB", (30, 90), (10, 20, 30)).save(tmp_path / "behind.png")
    picture = composed(Portrait(GREEN), padded(), tmp_path / "behind.png", LIMIT)
    assert picture[0, 0].tolist() == picture[99, 199].tolist() == [30, 20, 10]


def test_a_background_shows_through_a_transparent_portrait() -> None:
    crop = frame_face((100, 100), FACE, (100, 100))
    assert composed(half_transparent(), crop, "#0000ff", LIMIT)[50, 80].tolist() == [255, 0, 0]
    assert composed(half_transparent(), crop, None, LIMIT)[50, 80].tolist() == [255, 255, 255]
    assert composed(half_transparent(), crop, "#0000ff", LIMIT)[50, 20].tolist() == [0, 200, 0]


def test_the_opacity_is_the_portraits_own_and_nothing_beside_it() -> None:
    opacity = own_opacity(half_transparent(), padded())
    assert opacity is not None and opacity.shape == (100, 200)
    assert (opacity[50, 10], opacity[50, 80], opacity[50, 130], opacity[50, 190]) == (0, 255, 0, 0)
    assert own_opacity(Portrait(GREEN), padded()) is None


@pytest.mark.parametrize("colour", ["red", "#fff", "#gggggg", ""])
def test_a_background_that_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(InvalidArgument, match="#20a0ff"):
        composed(Portrait(GREEN), padded(), colour, LIMIT)
