"""The `world` engine: voice conversion of pitch, formants and average spectrum with the WORLD vocoder."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Progress
from services.chassis.errors import InvalidArgument
from services.voice.engines.level import match_loudness
from services.voice.engines.protocol import Conversion, ConvertedSpeech, InspectedReference, Inspection
from services.voice.engines.recording import (
    MAX_CHANGED_SAMPLES,
    Recording,
    read_recording,
    write_recording,
)
from services.voice.engines.reference import clean_reference
from services.voice.engines.world.change import Change, apply_change, plan_change, plan_shift
from services.voice.engines.world.profile import (
    PROFILE_SECONDS,
    average_spectrum,
    build_profile,
    build_reference_profile,
)
from services.voice.engines.world.revoicing import revoice
from services.voice.engines.world.spectrum import corrected_gain

MAX_PITCH_SEMITONES = 24.0
MIN_FORMANT_SCALE, MAX_FORMANT_SCALE = 0.5, 2.0
_TRIAL_SECONDS = 5.0


class WorldEngine:
    """A voice engine without weights. It keeps rate, sample count and timeline of the speech."""

    @property
    def spec(self) -> EngineSpec:
        return EngineSpec(
            service="voice",
            name="world",
            version="3",
            limits=EngineLimits(max_seconds=3600.0),
            operations=("convert",),
        )

    def open(self) -> None:
        """Does nothing: there is nothing to load."""

    def close(self) -> None:
        """Does nothing: nothing is held."""

    def convert(self, request: Conversion) -> Iterator[Progress | ConvertedSpeech]:
        """See `VoiceEngine.convert`. Pitch is -24 to +24 semitones, formant scale 0.5 to 2.

        With nothing to change, the samples are copied as they are.
        """
        _check(request)
        speech = read_recording(request.speech, what="speech", max_samples=MAX_CHANGED_SAMPLES)
        change = _plan(request, speech)
        yield Progress(0.1)
        converted = speech.samples
        if change is not None:
            pieces: list[NDArray[np.float32]] = []
            done = 0
            for piece in revoice(speech.samples, speech.rate, partial(apply_change, change=change)):
                pieces.append(piece)
                done += len(piece)
                yield Progress(0.1 + 0.85 * done / len(speech.samples))
            converted = np.concatenate(pieces)
            converted = match_loudness(converted, speech.samples)
        write_recording(request.output, Recording(converted, speech.rate))
        yield ConvertedSpeech(request.output, len(converted) / speech.rate, request.timeline)

    def inspect(self, request: Inspection) -> Iterator[InspectedReference]:
        raw = read_recording(request.reference, what="reference", seconds=PROFILE_SECONDS)
        cleaned = clean_reference(raw)
        pitch = float(np.exp(build_reference_profile(cleaned).pitch_centre))
        yield InspectedReference(cleaned.speech_seconds, pitch, cleaned.signal_to_noise)


def _check(request: Conversion) -> None:
    if not 0 <= request.strength <= 1:
        raise InvalidArgument(f"strength {request.strength:g} is out of range: give 0 to 1")
    if not abs(request.pitch_semitones) <= MAX_PITCH_SEMITONES:
        raise InvalidArgument(
            f"pitch {request.pitch_semitones:+g} semitones is out of range: "
            f"give {-MAX_PITCH_SEMITONES:+g} to {MAX_PITCH_SEMITONES:+g}"
        )
    if not MIN_FORMANT_SCALE <= request.formant_scale <= MAX_FORMANT_SCALE:
        raise InvalidArgument(
            f"formant scale {request.formant_scale:g} is out of range: "
            f"give {MIN_FORMANT_SCALE:g} to {MAX_FORMANT_SCALE:g}"
        )


def _plan(request: Conversion, speech: Recording) -> Change | None:
    """Returns the change, or `None` if there is nothing to change."""
    shifts = request.pitch_semitones != 0 or request.formant_scale != 1
    shift = plan_shift(request.pitch_semitones, request.formant_scale) if shifts else None
    if request.reference is None or request.strength == 0:
        return shift
    raw = read_recording(request.reference, what="reference", seconds=PROFILE_SECONDS)
    reference = build_reference_profile(clean_reference(raw))
    source = build_profile(speech)
    if source is None:
        return shift
    change = plan_change(source, reference, request.strength, request.pitch_semitones, request.formant_scale)
    return _corrected(change, speech)


def _corrected(change: Change, speech: Recording) -> Change:
    """Corrects the gain by a trial on the first seconds.

    The vocoder and the moved pitch change the spectrum too.
    """
    trial = speech.samples[: round(_TRIAL_SECONDS * speech.rate)]
    before = average_spectrum(trial.astype(np.float64), speech.rate)
    tried = np.concatenate(list(revoice(trial, speech.rate, partial(apply_change, change=change))))
    after = average_spectrum(tried.astype(np.float64), speech.rate)
    return replace(change, gain=corrected_gain(change.gain, before, after, change.formant_scale))
