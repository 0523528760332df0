"""Plans and applies the change of a voice: pitch, formants, spectrum and breath of every frame."""

from dataclasses import dataclass, replace

import numpy as np

from services.voice.engines.recording import Samples
from services.voice.engines.world.analysis import Frames
from services.voice.engines.world.profile import BANDS, Profile, log_odds
from services.voice.engines.world.spectrum import (
    equalising_gain,
    estimate_formant_scale,
    gain_at_bins,
    warp_envelope,
)

_MIN_OUTPUT_PITCH, _MAX_OUTPUT_PITCH = 40.0, 1000.0
_MIN_SPREAD_FACTOR, _MAX_SPREAD_FACTOR = 0.5, 2.0
# In log odds of noise. A person's voice without its breath buzzes.
_MIN_BREATH, _MAX_BREATH = -0.5, 1.5
FLAT: Samples = np.zeros_like(BANDS)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of voice, applied to every frame.

    ln(pitch) becomes `centre + spread * (ln(pitch) - source_centre)`; `gain` is in dB at `BANDS`, `breath` is
    added to the log odds of noise there.
    """

    source_centre: float
    centre: float
    spread: float
    formant_scale: float
    gain: Samples
    breath: Samples


def plan_shift(pitch_semitones: float, formant_scale: float) -> Change:
    """Returns a change by the given amounts alone."""
    return Change(0.0, pitch_semitones * np.log(2) / 12, 1.0, formant_scale, FLAT, FLAT)


def plan_change(
    source: Profile, reference: Profile, strength: float, pitch_semitones: float, formant_scale: float
) -> Change:
    """Returns a change by `strength` of the way from source to reference, then by the given amounts."""
    towards = estimate_formant_scale(source, reference) ** strength
    livelier = np.clip(
        reference.pitch_spread / max(source.pitch_spread, 1e-3), _MIN_SPREAD_FACTOR, _MAX_SPREAD_FACTOR
    )
    centre = source.pitch_centre + strength * (reference.pitch_centre - source.pitch_centre)
    shift = plan_shift(pitch_semitones, formant_scale)
    return Change(
        source_centre=source.pitch_centre,
        centre=centre + shift.centre,
        spread=float(livelier**strength),
        formant_scale=towards * formant_scale,
        gain=strength * equalising_gain(source, reference, towards),
        breath=strength * np.clip(reference.breath - source.breath, _MIN_BREATH, _MAX_BREATH),
    )


def apply_change(frames: Frames, change: Change) -> Frames:
    envelope = warp_envelope(frames.envelope, change.formant_scale)
    gain = gain_at_bins(change.gain, envelope.shape[1], frames.rate)
    return replace(
        frames,
        pitch=move_pitch(frames.pitch, change),
        envelope=envelope * gain,
        noise=add_breath(frames, change.breath),
    )


def add_breath(frames: Frames, breath: Samples) -> Samples:
    """Returns the noise of the voiced frames with `breath` added."""
    if not breath.any():
        return frames.noise
    bins = np.interp(np.linspace(0, frames.rate / 2, frames.noise.shape[1]), BANDS, breath)
    voiced = frames.pitch > 0
    noise = frames.noise.copy()
    noise[voiced] = 1 / (1 + np.exp(-(log_odds(noise[voiced]) + bins)))
    return noise


def move_pitch(pitch: Samples, change: Change) -> Samples:
    """Moves the pitch. Unvoiced frames (0) stay so; the others stay between 40 and 1000 Hz."""
    moved = np.zeros_like(pitch)
    voiced = pitch > 0
    logs = change.centre + change.spread * (np.log(pitch[voiced]) - change.source_centre)
    moved[voiced] = np.clip(np.exp(logs), _MIN_OUTPUT_PITCH, _MAX_OUTPUT_PITCH)
    return moved
