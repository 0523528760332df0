from pathlib import Path

import numpy as np
import pytest

from services.video.engines.protocol import Rendering
from services.video.engines.puppet.eyes.pose import EYES_AT_REST
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.head.pose import HeadPose
from services.video.engines.puppet.mouth.lip_pose import REST
from services.video.engines.puppet.quality.points import skin_points
from services.video.engines.puppet.rig.setup import RigSetup
from tests.examples import PORTRAIT


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
