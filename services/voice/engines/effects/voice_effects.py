"""Effects on the voice: on WORLD's pitch, envelope and aperiodicity of every 5 ms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from services.chassis.engine_api.effects import Effect, EffectAmount
from services.voice.engines.world.analysis import Frames
from services.voice.engines.world.spectrum import warp_envelope

Amounts = Mapping[str, float]
_MIN_PITCH, _MAX_PITCH = 40.0, 1000.0
_BREATH_HERTZ = 1500.0


@dataclass(frozen=True, slots=True)
class VoiceEffect:
    effect: Effect
    change: Callable[[Frames, Amounts], Frames]


def shift_pitch(frames: Frames, amounts: Amounts) -> Frames:
    factor = 2 ** (amounts["semitones"] / 12)
    return replace(frames, pitch=_voiced(frames, frames.pitch * factor))


def scale_formants(frames: Frames, amounts: Amounts) -> Frames:
    return replace(frames, envelope=warp_envelope(frames.envelope, amounts["scale"]))


def flatten(frames: Frames, amounts: Amounts) -> Frames:
    """Scales the melody to the share `melody`, about `hertz`."""
    voiced = frames.pitch > 0
    if not voiced.any():
        return frames
    logs = np.log(np.where(voiced, frames.pitch, 1.0))
    middle = float(np.median(logs[voiced]))
    pitch = np.exp(np.log(amounts["hertz"]) + amounts["melody"] * (logs - middle))
    return replace(frames, pitch=_voiced(frames, pitch))


def whisper(frames: Frames, amounts: Amounts) -> Frames:
    """Turns speech into a whisper: it has no voicing, and less power below the first formants."""
    share = amounts["share"]
    frequencies = np.linspace(0, frames.rate / 2, frames.envelope.shape[1])
    thinner = (1 + (_BREATH_HERTZ / np.maximum(frequencies, 60.0)) ** 2) ** (-share / 2)
    noise = 1 - (1 - frames.noise) * (1 - share)
    pitch = np.zeros_like(frames.pitch) if share == 1 else frames.pitch
    voiced = (frames.pitch > 0)[:, None]
    envelope = np.where(voiced, frames.envelope * thinner, frames.envelope)
    return replace(frames, pitch=pitch, envelope=envelope, noise=noise)


def _voiced(frames: Frames, pitch: np.ndarray) -> np.ndarray:
    return np.where(frames.pitch > 0, np.clip(pitch, _MIN_PITCH, _MAX_PITCH), 0.0)


VOICE_EFFECTS = (
    VoiceEffect(
        Effect(
            "pitch",
            "Higher or lower, with the same throat.",
            (EffectAmount("semitones", -24.0, 24.0, 4.0),),
        ),
        shift_pitch,
    ),
    VoiceEffect(
        Effect(
            "formant",
            "A smaller throat (above 1) or a larger one.",
            (EffectAmount("scale", 0.5, 2.0, 1.15),),
        ),
        scale_formants,
    ),
    VoiceEffect(
        Effect(
            "monotone",
            "One note for everything: melody 0 is a machine's, 1 the speaker's own.",
            (EffectAmount("hertz", 50.0, 500.0, 110.0), EffectAmount("melody", 0.0, 2.0, 0.0)),
        ),
        flatten,
    ),
    VoiceEffect(
        Effect("whisper", "Breath in place of the voice.", (EffectAmount("share", 0.0, 1.0, 1.0),)), whisper
    ),
)
