"""Passes samples through ffmpeg's filters, in a process of its own."""

import subprocess

import imageio_ffmpeg
import numpy as np

from services.chassis.errors import LikenessError
from services.voice.engines.recording import Samples

_QUIET = ("-v", "error", "-nostdin")


def filtered(samples: Samples, rate: int, graph: str) -> Samples:
    """Returns the filtered samples: mono in, mono out, at one rate."""
    form = ("-f", "f32le", "-ar", str(rate), "-ac", "1")
    program = imageio_ffmpeg.get_ffmpeg_exe()
    command = [program, *_QUIET, *form, "-i", "pipe:0", "-af", graph, *form, "-bitexact", "pipe:1"]
    done = subprocess.run(command, input=samples.astype("<f4").tobytes(), capture_output=True, check=False)
    if done.returncode != 0:
        raise LikenessError(
            f"ffmpeg could not apply {graph!r}: {done.stderr.decode(errors='replace')[-300:]}"
        )
    return np.frombuffer(done.stdout, "<f4").astype(np.float64)
