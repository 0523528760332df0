"""Pose of eyes and brows at one moment, and the columns of an eyes track."""

from dataclasses import dataclass, fields

import numpy as np

from services.video.engines.puppet.geometry.types import Track


@dataclass(frozen=True, slots=True)
class EyesPose:
    """Pose of eyes and brows; zero everywhere is the portrait's own look.

    Left and right are those of the picture.

    shut_left    0 as in the portrait, 1 closed, below 0 wider open, to -0.5
    shut_right   as `shut_left`, of the other eye
    squint       0 to 1: the lower lids are raised, as by a smile
    look_x       -1 far left to 1 far right
    look_y       -1 far up to 1 far down
    brows        -1 lowered to 1 raised
    knit         1 drawn together and down, -1 with the inner ends raised
    """

    shut_left: float = 0.0
    shut_right: float = 0.0
    squint: float = 0.0
    look_x: float = 0.0
    look_y: float = 0.0
    brows: float = 0.0
    knit: float = 0.0


EYE_COLUMNS = {field.name: index for index, field in enumerate(fields(EyesPose))}
EYES_AT_REST = EyesPose()
# Finer steps cannot be seen; with steps, poses repeat and their drawings can be used again.
STEPS = np.array([12, 12, 8, 16, 16, 16, 16], dtype=np.float32)


def stepped(track: Track) -> Track:
    """Rounds every number of a track, (frames, len(EYE_COLUMNS)), to one of few steps."""
    return (np.round(track * STEPS) / STEPS + 0.0).astype(np.float32)


def eyes_at(track: Track, frame: int) -> EyesPose:
    """Returns the pose of a frame; `track` is (frames, len(EYE_COLUMNS))."""
    return EyesPose(*(float(value) for value in track[frame]))
