import numpy as np
import pytest

from services.video.engines.puppet.head.camera import CameraPose

SIZE = 480, 400


@pytest.mark.parametrize(
    ("camera", "seen"),
    [
        (CameraPose(), (100, 50)),
        (CameraPose(zoom=2), (169.75, 124.75)),
        (CameraPose(x=0.1), (148, 50)),
        (CameraPose(y=-0.1), (100, 10)),
    ],
)
def test_what_the_camera_sees_at_a_place(camera: CameraPose, seen: tuple[float, float]) -> None:
    assert camera.seen(np.array([100, 50], dtype=np.float32), SIZE) == pytest.approx(seen, abs=0.01)
