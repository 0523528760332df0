"""Renders a sentence in a style, to be judged by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.tts.engines.cloning.references import without_pauses
from services.tts.engines.kokoro.voice_model import RATE, KokoroModel, Timbre
from services.tts.engines.neural.manner import Shade
from services.tts.engines.neural.melody import VOICED_HZ

Samples = NDArray[np.float32]

MIN_SIGN_SECONDS, MAX_SIGN_SECONDS = 0.025, 0.2
"""Average length of the signs of what is speech: styles far from all voices may mumble or drawl."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Speech at 24 kHz without pauses, the semitones by which its melody was moved, and whether it can be
    speech."""

    samples: Samples
    semitones: float
    is_speech: bool


def render(model: KokoroModel, signs: Sequence[str], timbre: Timbre, pitch: float | None = None) -> Rendered:
    """Returns a sentence as a timbre says it, its median pitch moved to `pitch` Hz if one is given."""
    prosody = model.prosody(timbre, signs, [Shade()] * len(signs))
    semitones = 0.0
    voiced = prosody.pitch[prosody.pitch > VOICED_HZ]
    if pitch is not None and len(voiced):
        semitones = float(np.clip(12 * np.log2(pitch / np.median(voiced)), -12, 12))
        prosody = replace(prosody, pitch=prosody.pitch * np.float32(2 ** (semitones / 12)))
    samples = model.sound(prosody, range(len(signs))).samples
    seconds = len(samples) / RATE / len(signs)
    is_speech = bool(np.isfinite(samples).all()) and MIN_SIGN_SECONDS <= seconds <= MAX_SIGN_SECONDS
    return Rendered(without_pauses(samples, RATE) if is_speech else samples, semitones, is_speech)
