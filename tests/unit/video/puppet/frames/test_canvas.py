import numpy as np
import pytest

from services.video.engines.puppet.frames.canvas import Canvas
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.types import Region

REGION = Region(20, 12, 24, 16)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (48, 64, 3)).astype(np.uint8)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_pasted_patch_looks_as_if_it_were_part_of_the_portrait(times: int) -> None:
    """Includes the border of the patch, however much the picture is enlarged."""
    changed = noise(1)
    REGION.of(changed)[:] = REGION.of(noise(2))
    canvas = Canvas(noise(1), times)
    canvas.paste(REGION.of(noise(2)), REGION)
    expected = Planes.from_bgr(changed).enlarged(times)
    for name in ("y", "u", "v"):
        plane, other = getattr(canvas.planes, name), getattr(expected, name)
        assert np.abs(plane.astype(int) - other).max() <= 1


@pytest.mark.parametrize("corner", [(0, 0), (40, 32)])
def test_a_patch_may_touch_the_edges_of_the_picture(corner: tuple[int, int]) -> None:
    region = Region(*corner, 24, 16)
    canvas = Canvas(np.zeros((48, 64, 3), np.uint8), 2)
    canvas.paste(np.full((16, 24, 3), 255, np.uint8), region)
    inside = region.times(2).of(canvas.planes.y)
    assert inside[2:-2, 2:-2].min() > 220
