import numpy as np
import pytest

from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.frame_grid import FrameGrid
from services.video.engines.puppet.geometry.types import Region


@pytest.mark.parametrize("scale", [30, 90, 700])
def test_a_field_on_the_grid_is_the_same_at_every_size_of_the_picture(scale: float) -> None:
    frame = FeatureFrame.between(np.array([scale, scale]), np.array([2.0 * scale, 1.2 * scale]))
    grid = FrameGrid(frame, (-1, -1), (1, 1), 0.04)
    region = Region.around(frame.pixels(np.array([(-0.5, -0.5), (0.5, 0.5)], np.float32)), (2000, 2000))
    seen = grid.enlarged(grid.u * 2 + grid.v, region)
    u, v = frame.coordinates(region)
    assert np.abs(seen - (2 * u + v)).max() < 0.01
