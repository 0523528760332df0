import numpy as np
import pytest

from services.video.engines.puppet.head.camera import STILL_CAMERA
from services.video.engines.puppet.prompt.camera_motion import CameraTrack, camera_track
from services.video.engines.puppet.prompt.parse import parse_prompt

SIZE = 640, 360
TIMES = (np.arange(100) + 0.5) / 25


def track(prompt: str) -> CameraTrack:
    return camera_track(TIMES, parse_prompt(prompt).actions, 0, SIZE)


def test_without_a_move_the_camera_stands_still() -> None:
    assert {track("nod").at(frame) for frame in (0, 50, 99)} == {STILL_CAMERA}


@pytest.mark.parametrize(
    ("prompt", "number", "sign"),
    [
        ("zoom in", "zoom", 1),
        ("zoom out", "zoom", -1),
        ("pan left", "x", -1),
        ("pan right", "x", 1),
        ("tilt up", "y", -1),
        ("tilt down", "y", 1),
        ("roll right", "roll", 1),
        ("orbit left", "orbit", 1),
    ],
)
def test_a_move_changes_its_number_steadily_in_one_direction(prompt: str, number: str, sign: int) -> None:
    values = getattr(track(prompt), number)
    assert (sign * np.diff(values) >= -1e-9).all()
    assert sign * (values[-1] - values[0]) > 0.02


def test_a_slow_move_goes_less_far_and_a_fast_one_is_done_sooner() -> None:
    usual, slow, fast = (track(f"zoom in {how}").zoom for how in ("", "slowly", "fast"))
    assert slow[-1] < usual[-1] == pytest.approx(fast[-1], abs=1e-3)
    assert fast[60] == pytest.approx(fast[-1]) and usual[60] < usual[-1] - 0.01


def test_a_zoom_in_and_out_ends_where_it_began() -> None:
    zoom = track("zoom in, then zoom out").zoom
    assert (
        zoom[0] == pytest.approx(1, abs=1e-3) and zoom[-1] == pytest.approx(1, abs=1e-3) and zoom.max() > 1.2
    )


@pytest.mark.parametrize(
    "prompt",
    [
        "pan left",
        "tilt down strongly",
        "roll left",
        "orbit",
        "shake fast",
        "zoom out, pan left, roll, shake",
        "pan left. " * 9,
        "zoom in. " * 4000,
    ],
)
def test_no_edge_of_the_picture_comes_into_view(prompt: str) -> None:
    camera, (width, height) = track(prompt), SIZE
    corners = np.array([(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)], dtype=np.float32)
    seen = np.stack([camera.at(frame).seen(corners, SIZE) for frame in range(len(TIMES))])
    assert camera.zoom.max() < 4, "the camera does not come so near that nothing can be recognized"
    assert seen.min() > -0.6
    assert seen[:, :, 0].max() < width - 0.4 and seen[:, :, 1].max() < height - 0.4


def test_a_shaking_camera_trembles_and_is_the_same_each_time() -> None:
    shaking = track("shake").x[10:90]
    assert np.abs(np.diff(np.sign(np.diff(shaking)))).sum() > 8
    assert np.array_equal(track("shake").x[10:90], shaking)
