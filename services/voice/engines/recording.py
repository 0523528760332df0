"""Reads and writes recordings as mono samples between -1 and 1."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from services.chassis.errors import MediaUnreadable

Samples = NDArray[np.float64]

MIN_RATE = 8000


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording. `samples` has shape (n,) and n is not 0."""

    samples: NDArray[np.float32]
    rate: int


def read_recording(path: Path, *, what: str, seconds: float | None = None) -> Recording:
    """Returns the first `seconds` of the file, its channels averaged.

    Raises `MediaUnreadable`, naming `what`, for a file that is missing, empty, no audio, or sampled
    below 8 kHz.
    """
    try:
        with soundfile.SoundFile(path) as file:
            frames = -1 if seconds is None else round(seconds * file.samplerate)
            samples = file.read(frames, dtype="float32", always_2d=True).mean(axis=1)
            rate = int(file.samplerate)
    except (soundfile.LibsndfileError, OSError) as error:
        raise MediaUnreadable(
            f"the {what} is not readable audio: give a WAV, FLAC, OGG or MP3 file"
        ) from error
    if not len(samples) or not np.isfinite(samples).all():
        raise MediaUnreadable(f"the {what} holds no sound: give a recording of speech")
    if rate < MIN_RATE:
        raise MediaUnreadable(f"the {what} is sampled at {rate} Hz: give {MIN_RATE} Hz or more")
    return Recording(samples, rate)


def write_recording(path: Path, recording: Recording) -> None:
    """Writes a mono 16-bit WAV. Samples read from such a file are written bit for bit."""
    pcm = np.clip(np.rint(recording.samples * 32768.0), -32768, 32767).astype(np.int16)
    soundfile.write(path, pcm, recording.rate, subtype="PCM_16", format="WAV")
