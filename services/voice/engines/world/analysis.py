"""Analyses speech into WORLD's frames, and synthesizes speech from them."""

from dataclasses import dataclass

import numpy as np
import pyworld
from numpy.typing import NDArray

from services.voice.engines.recording import Samples

FRAME_SECONDS = 0.005
MIN_PITCH, MAX_PITCH = 55.0, 600.0


@dataclass(frozen=True, slots=True)
class Frames:
    """One row per 5 ms: `pitch` (n,) in Hz, 0 where unvoiced; `envelope` and `noise` (n, bins).

    The envelope is power, the noise its aperiodic share from 0 to 1; bins are evenly spaced from 0 Hz to
    half the sample rate.
    """

    pitch: Samples
    envelope: Samples
    noise: Samples
    rate: int


def track_pitch(samples: Samples, rate: int) -> tuple[Samples, Samples]:
    """Returns the pitch in Hz (0 where unvoiced) and the times of its frames in seconds, both (n,)."""
    rough, times = pyworld.dio(
        samples, rate, f0_floor=MIN_PITCH, f0_ceil=MAX_PITCH, frame_period=FRAME_SECONDS * 1000
    )
    return pyworld.stonemask(samples, rough, times, rate), times


def analyse(samples: Samples, rate: int) -> Frames:
    pitch, times = track_pitch(samples, rate)
    envelope = pyworld.cheaptrick(samples, pitch, times, rate)
    return Frames(pitch, envelope, pyworld.d4c(samples, pitch, times, rate), rate)


def synthesize(frames: Frames, count: int) -> NDArray[np.float32]:
    """Returns exactly `count` samples."""
    sound = pyworld.synthesize(
        np.ascontiguousarray(frames.pitch),
        np.ascontiguousarray(frames.envelope),
        np.ascontiguousarray(frames.noise),
        frames.rate,
        FRAME_SECONDS * 1000,
    )
    fitted = np.zeros(count, np.float32)
    fitted[: min(count, len(sound))] = sound[:count]
    return fitted
