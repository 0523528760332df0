"""Reads and writes recordings as mono samples between -1 and 1."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from services.chassis.engine_api.media_bounds import MAX_SAMPLES
from services.chassis.errors import MediaUnreadable
from services.chassis.sound.heard import open_sound

Samples = NDArray[np.float64]

MIN_RATE = 8000
MAX_CHANGED_SAMPLES = MAX_SAMPLES // 2
"""Most samples that an engine changes: it holds all of them several times over."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording. `samples` has shape (n,) and n is not 0."""

    samples: NDArray[np.float32]
    rate: int


def read_recording(
    path: Path, *, what: str, seconds: float = inf, max_samples: int = MAX_SAMPLES
) -> Recording:
    """Returns the first `seconds` of the file. Raises as `stream_recording` does."""
    blocks: list[NDArray[np.float32]] = []
    read = rate = 0
    for block in stream_recording(path, what=what, seconds=seconds, max_samples=max_samples):
        rate = block.rate
        blocks.append(block.samples)
        read += len(block.samples)
        if read >= seconds * rate:
            break
    return Recording(np.concatenate(blocks)[: round(min(seconds * rate, read))], rate)


def stream_recording(
    path: Path, *, what: str, seconds: float = inf, max_samples: int = MAX_SAMPLES
) -> Iterator[Recording]:
    """Yields the file block by block as it is heard, whatever length the header claims. Of several channels
    `seconds` are decoded twice, and so no more of them ought to be taken.

    Raises `MediaUnreadable`, naming `what`, for a file that is missing, empty, no audio, or sampled
    below 8 kHz or unlike any recording. Raises `InvalidArgument` when more than `max_samples` are decoded.
    """
    sound = open_sound(what, path, max_samples, seconds=seconds)
    if sound.rate < MIN_RATE:
        raise MediaUnreadable(f"the {what} is sampled at {sound.rate} Hz: give {MIN_RATE} Hz or more")
    empty = True
    for block in sound.blocks():
        if not np.isfinite(block).all():
            raise _soundless(what)
        empty = False
        yield Recording(block, sound.rate)
    if empty:
        raise _soundless(what)


def _soundless(what: str) -> MediaUnreadable:
    return MediaUnreadable(f"the {what} holds no sound: give a recording of speech")


def write_recording(path: Path, recording: Recording) -> None:
    """Writes a mono 16-bit WAV. Samples read from such a file are written bit for bit."""
    pcm = np.clip(np.rint(recording.samples * 32768.0), -32768, 32767).astype(np.int16)
    soundfile.write(path, pcm, recording.rate, subtype="PCM_16", format="WAV")
