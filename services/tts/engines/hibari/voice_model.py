"""The model of the voice: from signs to spectra, and from these to sound, with the manner of each sign."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from services.tts.engines.hibari.package import import_package
from services.tts.engines.neural.assembly import Sound
from services.tts.engines.neural.graph import instrumented
from services.tts.engines.neural.manner import Shade
from services.tts.engines.neural.melody import VOICED_HZ, gains, sung

# The package and onnxruntime have no types.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false

RATE = 24_000
FRAME = 300
"""Samples of a frame of the spectra."""
_DURATIONS, _UNIT = "/Clip_output_0", 2
"""The tensor of durations, and how many frames its unit has."""
_MIN_RATE, _MAX_RATE = 0.5, 2.0
"""Rates that the model was trained on; beyond them its frames are stretched."""
_PAD = 0
_LOWERED_BY_OCTAVE, _MAX_LOWERED = 9.0, 3.0
_TINY = 1e-12
_HARMONIC_BINS = 7


class VoiceModel:
    """One thread: a second one makes it slower."""

    def __init__(self, path: Path, vocabulary: Path) -> None:
        import onnxruntime

        import_package()
        options: Any = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # An arena would keep what the longest sentence took.
        options.enable_cpu_mem_arena = False
        model = instrumented(path, durations=_DURATIONS, rates="speed")
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.known: dict[str, int] = json.loads(vocabulary.read_text(encoding="utf-8"))

    def speak(self, signs: Sequence[str], shades: Sequence[Shade]) -> Sound:
        """Returns the sound of the signs, each with its shade. The same signs give the same samples."""
        from hibari import dsp

        rates = np.array([each.rate for each in (shades[0], *shades, shades[-1])], np.float32)
        within = np.clip(rates, _MIN_RATE, _MAX_RATE)
        ids = np.array([[_PAD, *(self.known[sign] for sign in signs), _PAD]], np.int64)
        spectra, durations = self._run(ids, within)
        frames = durations * _UNIT
        of_frame = np.repeat(np.arange(len(frames)), frames)
        wanted = frames * within / rates
        kept = _stretched(wanted, frames)
        spectra = (each[..., kept] for each in spectra)
        of_frame = of_frame[kept]
        framed = [shades[min(max(0, index - 1), len(shades) - 1)] for index in of_frame]
        harmonics, angles, noise, free, phases, pitch = spectra
        melody = sung(pitch, framed)
        harmonics, free = _placed(harmonics, free, _misplaced(pitch, melody))
        rng = np.random.default_rng(0)
        samples: NDArray[np.float32] = dsp.synth(harmonics, angles, noise, free, phases, melody, rng)
        counts = np.bincount(of_frame, minlength=len(frames)) * FRAME / RATE
        return Sound(samples * gains(framed, FRAME), tuple(counts[1:-1].tolist()), float(counts[0]))

    def _run(
        self, ids: NDArray[np.int64], rates: NDArray[np.float32]
    ) -> tuple[list[NDArray[np.float32]], NDArray[np.int64]]:
        """Returns the spectra with the fundamental as the last of them, and the durations of the signs."""
        *spectra, durations = self._session.run(None, {"ids": ids, "speed": rates})
        return [cast("NDArray[np.float32]", each[0]) for each in spectra], durations.reshape(-1).astype(
            np.int64
        )


def _stretched(wanted: NDArray[np.floating[Any]], frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns which frames make each sign last as `wanted`, which is in frames, too."""
    ends, starts = np.cumsum(wanted), np.cumsum(frames) - frames
    total = max(1, round(float(ends[-1])))
    middles = np.arange(total) + 0.5
    sign = np.minimum(np.searchsorted(ends, middles, side="right"), len(frames) - 1)
    share = (middles - (ends[sign] - wanted[sign])) / np.maximum(wanted[sign], 1e-9)
    inside = np.minimum(np.maximum(share, 0.0) * frames[sign], frames[sign] - 1)
    return starts[sign] + inside.astype(np.int64)


def _misplaced(pitch: NDArray[np.float32], sung: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns by how much, as a logarithm, the spectrum of free phase is to be lowered in each frame: what it
    has of the voice stays at the pitch of the model."""
    octaves = np.abs(np.log2(np.maximum(sung, 1.0) / np.maximum(pitch, 1.0)))
    return np.where(pitch > VOICED_HZ, np.minimum(octaves * _LOWERED_BY_OCTAVE, _MAX_LOWERED), 0.0).astype(
        np.float32
    )


def _placed(
    harmonics: NDArray[np.float32], free: NDArray[np.float32], lowered: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns both spectra, logarithms of shape (bins, frames), with what is taken from the free one given to
    the harmonics, which follow the pitch."""
    if not lowered.any():
        return harmonics, free
    left = free - lowered
    given = _smooth(np.exp(2 * free) - np.exp(2 * left))
    return (np.log(np.exp(2 * harmonics) + given + _TINY) / 2).astype(np.float32), left


def _smooth(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the powers, shape (bins, frames), without the harmonics of the old pitch."""
    sums = np.cumsum(np.pad(power, ((_HARMONIC_BINS + 1, _HARMONIC_BINS), (0, 0)), mode="edge"), axis=0)
    width = 2 * _HARMONIC_BINS + 1
    return ((sums[width:] - sums[:-width]) / width).astype(np.float32)
