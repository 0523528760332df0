"""Measures frames as they are handed to the encoder: at a few hundred places, for a minute."""

import numpy as np

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.timeline import SpeechTimeline
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.types import Array, Plane, Region
from services.video.engines.puppet.head.camera import STILL_CAMERA, CameraPose
from services.video.engines.puppet.head.pose import HeadPose
from services.video.engines.puppet.quality.points import brightness_at, mouth_points, skin_points
from services.video.engines.puppet.quality.seams import edge_steps, seam_energy
from services.video.engines.puppet.quality.verdict import Observations, quality_checks
from services.video.engines.puppet.rig.portrait_rig import PortraitRig

MONITORED_SECONDS = 60.0
FRAMES_PER_CLOSE_LOOK = 10
"""Frames between two measurements of what changes slowly."""
COARSE = 32
"""Places across the face that tell whether anything moves, and rows of it that tell how it looks."""


class FrameMonitor:
    """Measurements of one video's frames. It must be made before the first frame is drawn."""

    def __init__(self, rig: PortraitRig, fps: float) -> None:
        self._fps, self._max_frames = fps, round(MONITORED_SECONDS * fps)
        self._rig, self._luma = rig, rig.still.y
        self._mouth = rig.track(mouth_points(rig.face))
        skin = skin_points(rig.face, rig.drawn)
        self._skin, self._skin_at_rest = rig.track(skin), brightness_at(self._luma, skin)
        self._edges = [edge_steps(self._luma, region) for region in rig.drawn]
        self._face = Region.around(np.array(rig.face.box).reshape(2, 2), rig.still.size)
        self._stride = max(1, max(self._face.width, self._face.height) // COARSE)
        self._brightness, self._sharpness = self._overall(self._luma)
        self._observations = Observations()

    def observe(self, number: int, frame: Planes, head: HeadPose, camera: CameraPose) -> None:
        """Measures the frame of that number, drawn with these poses."""
        if number >= self._max_frames:
            return
        self._observations.mouth.append(brightness_at(frame.y, self._mouth.at(head, camera)))
        self._observations.still.append(self._face.of(frame.y)[:: self._stride, :: self._stride].copy())
        if number % FRAMES_PER_CLOSE_LOOK:
            return
        self._look_closer(frame, head, camera)

    def checks(self, timeline: SpeechTimeline | None) -> tuple[QualityCheck, ...]:
        """Returns the checks of the frames so far."""
        return quality_checks(self._observations, self._fps, timeline)

    def _look_closer(self, frame: Planes, head: HeadPose, camera: CameraPose) -> None:
        observed, edges = self._observations, zip(self._edges, self._rig.drawn, strict=True)
        observed.seams.append(
            max(seam_energy(rest, edge_steps(self._luma, region)) for rest, region in edges)
        )
        if len(self._skin_at_rest):
            skin = brightness_at(frame.y, self._skin.at(head, camera))
            observed.skin_errors.append(float(np.square(skin - self._skin_at_rest).mean()))
        brightness, sharpness = self._overall(frame.y)
        observed.brightness.append(brightness / max(self._brightness, 1.0))
        if camera == STILL_CAMERA:
            observed.sharpness.append(sharpness / max(self._sharpness, 0.1))

    def _overall(self, luma: Plane) -> tuple[float, float]:
        """Returns mean brightness above black and mean step between pixels, of some rows of the face."""
        part: Array = self._face.of(luma)[:: self._stride].astype(np.float32)
        return float(part.mean()) - 16, float(np.abs(np.diff(part, axis=1)).mean())
