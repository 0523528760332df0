"""Reads and writes recordings as mono samples between -1 and 1."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from services.chassis.engine_api.media_bounds import (
    MAX_SAMPLES,
    SampleCounter,
    check_one_recording,
    check_sound_format,
)
from services.chassis.errors import MediaUnreadable

Samples = NDArray[np.float64]

MIN_RATE = 8000
MAX_CHANGED_SAMPLES = MAX_SAMPLES // 2
"""Most samples that an engine changes: it holds all of them several times over."""
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording. `samples` has shape (n,) and n is not 0."""

    samples: NDArray[np.float32]
    rate: int


def read_recording(
    path: Path, *, what: str, seconds: float | None = None, max_samples: int = MAX_SAMPLES
) -> Recording:
    """Returns the first `seconds` of the file, its channels averaged.

    Raises `MediaUnreadable`, naming `what`, for a file that is missing, empty, no audio, or sampled
    below 8 kHz or unlike any recording. Raises `InvalidArgument` when more than `max_samples` are decoded.
    """
    try:
        check_one_recording(what, path)
        with soundfile.SoundFile(path) as file:
            rate = int(file.samplerate)
            check_sound_format(what, rate, int(file.channels))
            wanted = None if seconds is None else round(seconds * rate)
            samples = _mono(file, wanted, SampleCounter(what, max_samples))
    except (soundfile.LibsndfileError, OSError) as error:
        raise MediaUnreadable(
            f"the {what} is not readable audio: give a WAV, FLAC, OGG or MP3 file"
        ) from error
    if not len(samples) or not np.isfinite(samples).all():
        raise MediaUnreadable(f"the {what} holds no sound: give a recording of speech")
    if rate < MIN_RATE:
        raise MediaUnreadable(f"the {what} is sampled at {rate} Hz: give {MIN_RATE} Hz or more")
    return Recording(samples, rate)


def _mono(file: soundfile.SoundFile, wanted: int | None, counter: SampleCounter) -> NDArray[np.float32]:
    """Reads block by block, whatever length the header claims."""
    blocks: list[NDArray[np.float32]] = []
    while wanted is None or counter.samples < wanted:
        size = _BLOCK if wanted is None else min(_BLOCK, wanted - counter.samples)
        block = file.read(size, dtype="float32", always_2d=True)
        if not len(block):
            break
        counter.add(len(block))
        blocks.append(block.mean(axis=1))
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def write_recording(path: Path, recording: Recording) -> None:
    """Writes a mono 16-bit WAV. Samples read from such a file are written bit for bit."""
    pcm = np.clip(np.rint(recording.samples * 32768.0), -32768, 32767).astype(np.int16)
    soundfile.write(path, pcm, recording.rate, subtype="PCM_16", format="WAV")
