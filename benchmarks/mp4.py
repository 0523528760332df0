"""Reads the pictures and the sound of a finished MP4, at the times at which a viewer sees and hears them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a video. `seconds` is the middle of its time on screen; `rgb` is (height, width, 3)."""

    seconds: float
    rgb: NDArray[np.uint8]


def read_pictures(path: Path) -> Iterator[Picture]:
    """Yields the pictures of the first video stream in order."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate is not None
        half = 0.5 / float(stream.average_rate)
        for frame in container.decode(stream):
            rgb = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
            yield Picture(start_seconds(frame) + half, rgb)


def read_sound(path: Path) -> tuple[NDArray[np.float32], int]:
    """Returns mono samples, shape (n,), the first of which is heard at zero seconds, and their rate in Hz."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = list(container.decode(stream))
    samples = np.concatenate([frame.to_ndarray().astype(np.float32).mean(axis=0) for frame in frames])
    late = round(start_seconds(frames[0]) * stream.rate)
    return (np.pad(samples, (late, 0)) if late > 0 else samples[-late:]), stream.rate


def start_seconds(frame: av.VideoFrame | av.AudioFrame) -> float:
    """Returns the time at which the frame begins. Every frame of a finished file has one."""
    assert frame.pts is not None and frame.time_base is not None
    return float(frame.pts * frame.time_base)
