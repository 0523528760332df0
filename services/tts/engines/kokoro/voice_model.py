"""The model: prosody of a whole sentence, then the sound of its parts, one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.tts.engines.kokoro.graph import (
    AUDIO,
    DURATIONS,
    ENERGY,
    PITCH,
    SPEECH,
    SPEED,
    STYLE,
    TOKENS,
    halves,
)
from services.tts.engines.kokoro.voices import GAINS
from services.tts.engines.neural.assembly import Sound
from services.tts.engines.neural.manner import Shade
from services.tts.engines.neural.melody import gains, sung
from services.tts.engines.neural.timing import LATE_WORD

# onnxruntime has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false

RATE = 24_000
MAX_SIGNS = 500
FRAME = 600
"""Samples of a frame, the unit of durations; melody and energy have two values in each."""
_MIN_RATE, _MAX_RATE = 0.4, 2.5
STYLES, STYLE_VALUES = 510, 256
_PAD = 0
_CONTEXT = 6
"""Frames that are computed on each side of a part and dropped: each depends on its neighbours."""
_LATE = round(LATE_WORD * RATE)
_PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")


@dataclass(frozen=True, slots=True)
class Timbre:
    """Who speaks.

    `styles` has shape (510, 1, 256): one for each number of signs, less one. The pitch that the model
    predicts is multiplied by `pitch_factor`, the sound is changed by `decibels` and filtered with
    `equaliser`, an odd number of coefficients around the middle one.
    """

    styles: NDArray[np.float32]
    decibels: float
    pitch_factor: float = 1.0
    equaliser: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Prosody:
    """How a sentence is to sound.

    `ends` has the frame at which each sign ends, `lead` is the one at which the first begins.
    """

    lead: int
    ends: NDArray[np.int64]
    frames: int
    speech: NDArray[np.float32]
    pitch: NDArray[np.float32]
    energy: NDArray[np.float32]
    style: NDArray[np.float32]
    gains: NDArray[np.float32]
    equaliser: NDArray[np.float32] | None

    def begin(self, sign: int) -> int:
        """Returns the frame at which a sign begins."""
        return int(self.ends[sign - 1]) if sign else self.lead


class KokoroModel:
    """Runs on one thread: several processes do more than several threads."""

    def __init__(self, folder: Path, known: Mapping[str, int]) -> None:
        import onnxruntime

        options: Any = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        available = onnxruntime.get_available_providers()
        providers = [each for each in _PROVIDERS if each in available]
        parts = halves(folder / "kokoro-v1.0.int8.onnx")
        self._prosody: Any = onnxruntime.InferenceSession(parts.prosody, options, providers=providers)
        self._sound: Any = onnxruntime.InferenceSession(parts.sound, options, providers=providers)
        self._folder = folder
        self._timbres: dict[str, Timbre] = {}
        self.known = known

    def timbre(self, voice: str) -> Timbre:
        """Returns the timbre of one of the `VOICES`."""
        if voice not in self._timbres:
            values = np.fromfile(self._folder / "voices" / f"{voice}.bin", np.float32)
            self._timbres[voice] = Timbre(values.reshape(STYLES, 1, STYLE_VALUES), GAINS[voice])
        return self._timbres[voice]

    def prosody(self, timbre: Timbre, signs: Sequence[str], shades: Sequence[Shade]) -> Prosody:
        """Returns how at most `MAX_SIGNS` signs are said, each with its shade."""
        style = timbre.styles[len(signs) - 1]
        around = (shades[0], *shades, shades[-1])
        rates = np.clip(np.array([each.rate for each in around], np.float32), _MIN_RATE, _MAX_RATE)
        ids = np.array([[_PAD, *(self.known[sign] for sign in signs), _PAD]], np.int64)
        durations, speech, pitch, energy = self._prosody.run(
            [DURATIONS, SPEECH, PITCH, ENERGY], {TOKENS: ids, STYLE: style, SPEED: rates}
        )
        counts = durations.reshape(-1).astype(np.int64)
        framed = [shade for shade, count in zip(around, counts, strict=True) for _ in range(count)]
        halved = [shade for shade in framed for _ in range(2)]
        ends = np.cumsum(counts)
        return Prosody(
            lead=int(ends[0]),
            ends=ends[1:-1],
            frames=int(ends[-1]),
            speech=speech,
            pitch=sung(pitch.reshape(-1) * np.float32(timbre.pitch_factor), halved)[np.newaxis],
            energy=energy,
            style=style,
            gains=gains(framed, FRAME) * np.float32(10 ** (timbre.decibels / 20)),
            equaliser=timbre.equaliser,
        )

    def sound(self, prosody: Prosody, signs: range) -> Sound:
        """Returns the sound of some of the signs. The same prosody and signs give the same samples."""
        begin, end = prosody.begin(signs.start), prosody.begin(signs.stop)
        first, last = max(0, begin - _CONTEXT), min(prosody.frames, end + _CONTEXT)
        samples: NDArray[np.float32] = self._sound.run(
            [AUDIO],
            {
                SPEECH: prosody.speech[..., first:last],
                PITCH: prosody.pitch[:, 2 * first : 2 * last],
                ENERGY: prosody.energy[:, 2 * first : 2 * last],
                STYLE: prosody.style,
            },
        )[0].reshape(-1)
        if prosody.equaliser is not None:
            # It reaches less far than the context, so that no seam is heard between two parts.
            samples = np.convolve(samples, prosody.equaliser, mode="same")
        samples = samples * prosody.gains[first * FRAME : last * FRAME]
        # The sound comes earlier than the durations say. At the ends of the sentence, silence is kept.
        cut = (begin - first) * FRAME - _LATE if signs.start else 0
        stop = (end - first) * FRAME - _LATE if signs.stop < len(prosody.ends) else len(samples)
        steps = np.diff(prosody.ends[signs.start : signs.stop], prepend=begin) * FRAME / RATE
        lead = ((begin - first) * FRAME - cut) / RATE
        return Sound(samples[cut:stop], tuple(steps.tolist()), lead)
