"""What eyes and brows do at one moment, and the columns of an eyes track."""

from dataclasses import dataclass, fields

import numpy as np

from services.video.engines.puppet.geometry.types import Track


@dataclass(frozen=True, slots=True)
class EyesPose:
    """Left and right are those of the picture; zero everywhere is the portrait's own look.

    shut_left    0 as in the portrait, 1 closed, below 0 wider open, to -0.5
    shut_right   the same of the other eye
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
# Finer steps are not seen; with steps, poses come again and their drawings with them.
STEPS = np.array([12, 12, 8, 16, 16, 16, 16], dtype=np.float32)


def stepped(track: Track) -> Track:
    """(frames, len(EYE_COLUMNS)) with every number on one of few steps."""
    return (np.round(track * STEPS) / STEPS + 0.0).astype(np.float32)


def eyes_at(track: Track, frame: int) -> EyesPose:
    return EyesPose(*(float(value) for value in track[frame]))
