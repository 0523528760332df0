"""What is in a finished MP4, on the clock of whoever watches it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Picture:
    """`seconds` is the middle of its time on the screen; `rgb` is (height, width, 3)."""

    seconds: float
    rgb: NDArray[np.uint8]


def read_pictures(path: Path) -> Iterator[Picture]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        half = 0.5 / float(stream.average_rate)
        for frame in container.decode(stream):
            yield Picture(float(frame.pts * frame.time_base) + half, frame.to_ndarray(format="rgb24"))


def read_sound(path: Path) -> tuple[NDArray[np.float32], int]:
    """Mono samples, shape (n,), of which the first is heard at zero seconds, and their rate."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = list(container.decode(stream))
    samples = np.concatenate([frame.to_ndarray().astype(np.float32).mean(axis=0) for frame in frames])
    late = round(float(frames[0].pts * frames[0].time_base) * stream.rate)
    return (np.pad(samples, (late, 0)) if late > 0 else samples[-late:]), stream.rate
