from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from services.chassis.engine_api.timeline import SpeechTimeline
from services.video.engines.protocol import FaceLandmarks, Rendering
from services.video.engines.puppet.eyes.pose import EYES_AT_REST
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.types import Size
from services.video.engines.puppet.head.pose import HeadPose
from services.video.engines.puppet.motion.lip_track import frame_times
from services.video.engines.puppet.motion.performance import plan_performance
from services.video.engines.puppet.mouth.lip_pose import REST
from services.video.engines.puppet.prompt.camera_motion import camera_track
from services.video.engines.puppet.prompt.parse import parse_prompt
from services.video.engines.puppet.quality.points import skin_points
from services.video.engines.puppet.rig.setup import RigSetup
from tests.examples import CAT, CAT_LANDMARKS, PORTRAIT
from tests.unit.video.puppet.quality.test_lip_sync import PHONEMES

TIMELINE = SpeechTimeline(2.0, phonemes=PHONEMES)


def test_tracked_points_are_where_the_picture_has_moved_to(rig_setup: RigSetup) -> None:
    """Paints a spot on the portrait and looks for it where its tracked point is."""
    rig = rig_setup.build_rig(Rendering(PORTRAIT, Path("unused.mp4"), width=256, height=256))
    head = HeadPose(turn=0.8, nod=-0.6, lean=0.03, shift_x=0.01, shift_y=-0.01)
    (x, y), still = skin_points(rig.face, rig.drawn)[0], rig.still
    frame = Planes(still.y.copy(), still.u.copy(), still.v.copy())
    still.y[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3] = 235
    rig.draw(frame, REST, EYES_AT_REST, head)
    ((seen_x, seen_y),) = rig.track(np.array([[x, y]], dtype=np.float32)).at(head)
    rows, columns = np.nonzero(frame.y > 200)
    near = np.hypot(columns - seen_x, rows - seen_y) < 8
    assert np.mean(columns[near]) == pytest.approx(seen_x, abs=1.0)
    assert np.mean(rows[near]) == pytest.approx(seen_y, abs=1.0)


@pytest.mark.parametrize(
    ("size", "landmarks", "portrait", "prompt"),
    [
        ((256, 256), None, PORTRAIT, ""),
        ((1280, 720), None, PORTRAIT, "zoom in"),
        ((1920, 1080), None, PORTRAIT, ""),
        ((452, 300), CAT_LANDMARKS, CAT, ""),
    ],
)
def test_a_frame_is_the_same_whichever_frames_were_drawn_before(
    rig_setup: RigSetup, size: Size, landmarks: FaceLandmarks | None, portrait: Path, prompt: str
) -> None:
    """Draws the end of a video after its beginning, and by itself, as in a piece."""
    request = Rendering(
        portrait,
        Path("unused.mp4"),
        timeline=TIMELINE,
        width=size[0],
        height=size[1],
        landmarks=landmarks,
        prompt=prompt,
    )
    whole = drawn(rig_setup, request, range(50))
    for start in (1, 17, 30):
        part = drawn(rig_setup, request, range(start, 50))
        assert part == whole[start:]
    assert len(set(whole)) > 25


def drawn(rig_setup: RigSetup, request: Rendering, frames: range) -> list[bytes]:
    """Returns the digests of the planes of these frames."""
    performance, prompt = plan_performance(request, 60.0), parse_prompt(request.prompt)
    rig = rig_setup.build_rig(request, camera_moves=prompt.moves_camera)
    times = frame_times(performance.frames, request.fps)
    camera = camera_track(times, prompt.actions, request.seed, rig.still.size)
    still, digests = rig.still, list[bytes]()
    frame = Planes(still.y.copy(), still.u.copy(), still.v.copy())
    for number in frames:
        lips, eyes, head = (
            performance.lips_at(number),
            performance.eyes_at(number),
            performance.head_at(number),
        )
        rig.draw(frame, lips, eyes, head, camera.at(number))
        digests.append(sha256(b"".join(map(bytes, (frame.y, frame.u, frame.v)))).digest())
    return digests
