"""Checks of frames that are known to be bad."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.chassis.engine_api.quality import QualityCheck, failed
from services.chassis.engine_api.timeline import SpeechTimeline
from services.video.engines.protocol import Rendering
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.face import contour_slices
from services.video.engines.puppet.geometry.types import Region
from services.video.engines.puppet.head.camera import STILL_CAMERA, CameraPose
from services.video.engines.puppet.motion.performance import Performance, plan_performance
from services.video.engines.puppet.portrait.canonical import canonical_face
from services.video.engines.puppet.quality.frame_monitor import FrameMonitor
from services.video.engines.puppet.quality.points import brightness_at, skin_points
from services.video.engines.puppet.quality.verdict import Observations, lateness, quality_checks
from services.video.engines.puppet.rig.portrait_rig import PortraitRig
from services.video.engines.puppet.rig.setup import RigSetup
from tests.examples import CAT, CAT_LANDMARKS, PORTRAIT
from tests.unit.video.puppet.quality.test_lip_sync import PHONEMES

FPS = 25.0
TIMELINE = SpeechTimeline(4.0, phonemes=PHONEMES)
Change = Callable[[int, Planes], None]


@pytest.fixture
def rig(rig_setup: RigSetup) -> PortraitRig:
    return rig_setup.build_rig(request())


def request() -> Rendering:
    return Rendering(PORTRAIT, Path("unused.mp4"), timeline=TIMELINE, width=256, height=256, fps=FPS)


def untouched(number: int, frame: Planes) -> None: ...


def monitored(
    rig: PortraitRig,
    change: Change = untouched,
    performance: Performance | None = None,
    camera: CameraPose = STILL_CAMERA,
) -> tuple[QualityCheck, ...]:
    """Returns the checks of a short video whose frames are changed before they are measured."""
    performance = performance or plan_performance(request(), 60.0)
    monitor = FrameMonitor(rig, FPS)
    still = rig.still
    for number in range(performance.frames):
        frame = Planes(still.y.copy(), still.u.copy(), still.v.copy())
        head = performance.head_at(number)
        rig.draw(frame, performance.lips_at(number), performance.eyes_at(number), head, camera)
        change(number, frame)
        monitor.observe(number, frame, head, camera)
    return monitor.checks(TIMELINE)


def names(checks: tuple[QualityCheck, ...]) -> list[str]:
    return [check.name for check in failed(checks)]


def test_a_good_video_passes_every_check(rig: PortraitRig) -> None:
    checks = monitored(rig)
    assert [check.name for check in checks] == [
        "frozen", "black", "blurred", "seam", "identity", "mouth_correlation", "mouth_offset"
    ]  # fmt: skip
    assert names(checks) == []


def test_a_video_with_a_moving_camera_passes_every_check(rig_setup: RigSetup) -> None:
    rig = rig_setup.build_rig(request(), camera_moves=True)
    checks = monitored(rig, camera=CameraPose(zoom=1.2, x=0.02, roll=0.05))
    assert names(checks) == []
    assert "identity" in [check.name for check in checks]


def test_frozen_frames_fail_the_frozen_check(rig: PortraitRig) -> None:
    first: list[np.ndarray] = []

    def hold(number: int, frame: Planes) -> None:
        if 10 <= number < 80:
            first.append(frame.y.copy())
            frame.y[:] = first[0]

    assert "frozen" in names(monitored(rig, hold))


def test_a_black_frame_fails_the_black_check(rig: PortraitRig) -> None:
    def darken(number: int, frame: Planes) -> None:
        if number == 50:
            frame.y[:] = 16

    assert "black" in names(monitored(rig, darken))


def test_blurred_frames_fail_the_blurred_check(rig: PortraitRig) -> None:
    def blur(number: int, frame: Planes) -> None:
        rows = frame.y.astype(np.float32)
        frame.y[:] = np.mean([np.roll(rows, shift, axis=1) for shift in range(-4, 5)], axis=0)

    assert "blurred" in names(monitored(rig, blur))


def test_another_face_fails_the_identity_check(rig: PortraitRig) -> None:
    def flip(number: int, frame: Planes) -> None:
        frame.y[:] = frame.y[::-1].copy()

    assert "identity" in names(monitored(rig, flip))


def test_an_edge_around_the_mouth_fails_the_seam_check(rig: PortraitRig) -> None:
    mouth = rig.drawn[0]

    def brighten(number: int, frame: Planes) -> None:
        mouth.of(rig.still.y)[:] = np.clip(mouth.of(rig.still.y).astype(int) + 12, 0, 235)

    assert "seam" in names(monitored(rig, brighten))


@pytest.mark.parametrize("frames", [4, -3])
def test_late_or_early_lips_are_measured_and_can_be_moved_back(rig: PortraitRig, frames: int) -> None:
    planned = plan_performance(request(), 60.0)
    moved = planned.with_lips_moved(frames)
    checks = monitored(rig, performance=moved)
    assert names(checks) == ["mouth_offset"]
    assert lateness(checks, FPS) == pytest.approx(frames, abs=1)
    back = moved.with_lips_moved(-frames)
    np.testing.assert_array_equal(back.lips[10:-10], planned.lips[10:-10])


def test_lips_in_time_have_no_lateness(rig: PortraitRig) -> None:
    assert lateness(monitored(rig), FPS) == 0


def test_a_face_without_visible_skin_is_checked_by_the_rest() -> None:
    face = canonical_face().mapped((60, 60), (-2, -1.3))
    points = face.points.copy()
    points[contour_slices()["nose_base"]] = face.eyes[0].lid[0]
    everywhere = Region(0, 0, 256, 256)
    skin = skin_points(replace(face, points=points), (everywhere,))
    assert brightness_at(np.zeros((256, 256), np.uint8), skin).shape == (0,)
    seen = Observations(still=[np.zeros((1, 1), np.uint8)], seams=[0.0], brightness=[1.0])
    assert [check.name for check in quality_checks(seen, FPS, None)] == ["frozen", "black", "seam"]


def test_even_an_animals_face_has_many_skin_points(rig_setup: RigSetup) -> None:
    cat = replace(request(), portrait=CAT, landmarks=CAT_LANDMARKS)
    rig = rig_setup.build_rig(cat)
    assert len(skin_points(rig.face, rig.drawn)) > 15
