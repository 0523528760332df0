import cv2
import numpy as np
import pytest

from services.video.engines.puppet.frames.colours import Colours
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.types import Region


def picture(width: int, seed: int = 0) -> Planes:
    noise = np.random.default_rng(seed).integers(0, 255, (40, width, 3)).astype(np.uint8)
    return Planes.from_bgr(np.asarray(cv2.GaussianBlur(noise, (0, 0), 3), dtype=np.uint8))


def seen(colours: Colours, width: int, right: float, down: float) -> Planes:
    """Returns a picture of 40 rows with all pixels from `right` and `down` pixels further on."""
    target = picture(width, seed=1)
    x, y = np.meshgrid(
        np.arange(0, width // 2, 2, dtype=np.float32) + right, np.arange(20, dtype=np.float32) + down
    )
    colours.look_up(x.astype(np.float32), y.astype(np.float32), target)
    return target


@pytest.mark.parametrize("width", [64, 66])
def test_paired_colours_are_resampled_as_single_planes_would_be(width: int) -> None:
    """Covers a last pair that has no right half, and the edges, beyond which the picture goes on."""
    still = picture(width)
    target = seen(Colours(still), width, 2.25, 1.5)
    x, y = np.meshgrid(np.arange(width // 2) + 2.25, np.arange(20) + 1.5)
    for plane, found in zip(still.halved, target.halved, strict=True):
        alone = cv2.remap(
            plane,
            x.astype(np.float32),
            y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        assert np.abs(found.astype(int) - alone).max() <= 1


@pytest.mark.parametrize("region", [Region(20, 8, 16, 12), Region(0, 0, 8, 8), Region(50, 30, 14, 10)])
def test_an_update_copies_the_changed_rectangle(region: Region) -> None:
    still = picture(64)
    colours = Colours(still)
    still.of(region).fill(picture(64, seed=2).of(region))
    colours.update(region)
    target = seen(colours, 64, 0, 0)
    assert np.array_equal(target.u, still.u) and np.array_equal(target.v, still.v)
