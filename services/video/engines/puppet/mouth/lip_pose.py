"""Pose of the lips at one moment, and the columns of a lip track."""

from dataclasses import dataclass, fields

import numpy as np

from services.video.engines.puppet.geometry.types import Track


@dataclass(frozen=True, slots=True)
class LipPose:
    """Pose of the lips; lengths are in mouth widths, and zero everywhere is a closed mouth at rest.

    open     gap between the lips, 0 to about 0.4
    jaw      how far the chin has fallen, 0 to about 0.3
    width    how much wider (+) or narrower (-) the mouth is, about -0.3 to 0.15
    round    protrusion, 0 to 1: the lips thicken and the opening gets round
    press    0 to 1: the lips are pressed on each other, their red part rolls in
    tuck     0 to 1: the lower lip lies under the upper teeth
    tongue   0 to 1: how high the tip of the tongue stands
    smile    1 with the corners up, -1 with the corners down
    """

    open: float = 0.0
    jaw: float = 0.0
    width: float = 0.0
    round: float = 0.0
    press: float = 0.0
    tuck: float = 0.0
    tongue: float = 0.0
    smile: float = 0.0

    def as_row(self) -> Track:
        return np.array([getattr(self, name) for name in COLUMNS], dtype=np.float32)


COLUMNS = {field.name: index for index, field in enumerate(fields(LipPose))}
REST = LipPose()
MIN_POSE = LipPose(width=-0.3, smile=-1)
MAX_POSE = LipPose(open=0.45, jaw=0.32, width=0.15, round=1, press=1, tuck=1, tongue=1, smile=1)
"""Limits of what a face can do, for each number."""


def pose_at(track: Track, frame: int) -> LipPose:
    """Returns the pose of a frame; `track` is (frames, len(COLUMNS))."""
    return LipPose(*(float(value) for value in track[frame]))
