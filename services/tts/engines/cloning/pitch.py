"""Measures how high a voice is."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

# pyworld has no types.
# pyright: reportMissingTypeStubs=false

_MIN_HZ, _MAX_HZ = 55.0, 600.0


def median_pitch(samples: NDArray[np.float32], rate: int) -> float | None:
    """Returns the median fundamental in Hz; `None` if nothing is voiced."""
    import pyworld

    world = cast(Any, pyworld)
    sound = samples.astype(np.float64)
    rough, times = world.dio(sound, rate, f0_floor=_MIN_HZ, f0_ceil=_MAX_HZ)
    pitch: NDArray[np.float64] = world.stonemask(sound, rough, times, rate)
    voiced = pitch[pitch > 0]
    return float(np.median(voiced)) if len(voiced) else None
