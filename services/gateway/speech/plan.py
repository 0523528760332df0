"""Plans the stages that make speech. Pure."""

from collections.abc import Mapping
from typing import Any

from services.chassis.engine_api.timeline import Emotion
from services.chassis.text.markup import Markup
from services.gateway.effects.chains import parameters_of as effect_parameters
from services.gateway.jobs.domain.job_plan import PlannedStage
from services.gateway.jobs.domain.models import InputSource, StageOutput
from services.gateway.jobs.domain.quantity import Quantity, Unit
from services.gateway.lexicon.pronunciation import parameters_of as lexicon_parameters
from services.gateway.speech.spec import AlignmentSpec, ConversionSpec, EffectsSpec, ScriptSpec, SpeechSpec
from services.gateway.voices.cloned import SPEAKER

TTS_WEIGHT = 1.0
VOICE_WEIGHT = 2.0
"""Shares of a job's progress for each second of speech."""


def plan_speech(prefix: str, spec: SpeechSpec) -> tuple[list[PlannedStage], dict[str, InputSource]]:
    """Returns `tts | align → [voice] → [effects]`, and the sources of the final speech and its timeline.

    The names of the stages begin with `prefix`. If nothing is said, both are empty.
    """
    stages, speech = plan_source(prefix, spec)
    quantity = speech_quantity(spec.speech_seconds, spec.spoken_seconds)
    if spec.conversion is not None:
        stages.append(plan_voice(f"{prefix}/voice", spec.conversion, speech, quantity))
        speech = outputs_of(stages[-1].name, *speech)
    if spec.effects is not None:
        stages.append(plan_effects(f"{prefix}/effects", spec.effects, speech, quantity))
        speech = outputs_of(stages[-1].name, *speech)
    return stages, speech


def plan_source(prefix: str, spec: SpeechSpec) -> tuple[list[PlannedStage], dict[str, InputSource]]:
    """Returns the stage that speaks the script or aligns the recording, and its outputs.

    A recording is aligned before its voice is converted: later its words are harder to recognise.
    """
    if isinstance(spec.speech, ScriptSpec):
        tts = plan_tts(f"{prefix}/tts", spec.speech, spec.speech_seconds)
        return [tts], outputs_of(tts.name, "speech", "timeline")
    if spec.speech is None:
        return [], {}
    recording: dict[str, InputSource] = {"speech": spec.speech}
    if spec.alignment is None:
        return [], recording
    quantity = speech_quantity(spec.recording_seconds, 0.0)
    align = plan_alignment(f"{prefix}/align", spec.alignment, recording, quantity)
    return [align], recording | outputs_of(align.name, "timeline")


def outputs_of(stage: str, *names: str) -> dict[str, InputSource]:
    return {name: StageOutput(stage, name) for name in names}


def plan_tts(name: str, script: ScriptSpec, seconds: float) -> PlannedStage:
    characters = float(len(script.text))
    return PlannedStage(
        name,
        script.engine,
        synthesis_parameters(script),
        {SPEAKER: script.cloned.speaker} if script.cloned else {},
        weight_of(TTS_WEIGHT, seconds),
        Quantity(Unit.CHARACTER, characters, characters, seconds),
    )


def speech_quantity(seconds: float, spoken_seconds: float) -> Quantity:
    """Returns the quantity of so many seconds of speech, of which some are to be spoken first."""
    share = spoken_seconds / seconds if seconds else 0.0
    return Quantity(Unit.SECOND_OF_SPEECH, seconds, seconds, seconds, share)


def weight_of(share: float, seconds: float) -> float:
    """Returns the weight of a stage of this length; the shortest count as a second, for what every stage
    costs."""
    return share * max(seconds, 1.0)


def synthesis_parameters(script: ScriptSpec) -> dict[str, Any]:
    """Returns the TTS service's task as JSON."""
    parameters: dict[str, Any] = {
        "text": script.text,
        "voice": script.voice,
        "speed": script.speed,
        "pitch_semitones": script.pitch_semitones,
        "ssml": script.ssml,
    }
    if script.emotion is not Emotion.NEUTRAL:
        parameters["emotion"] = script.emotion.value
    if script.markup is not Markup.AUTO:
        parameters["markup"] = script.markup.value
    if script.lexicon:
        parameters["lexicon"] = lexicon_parameters(script.lexicon)
    return parameters


def plan_voice(
    name: str, conversion: ConversionSpec, speech: Mapping[str, InputSource], quantity: Quantity
) -> PlannedStage:
    parameters = {
        "pitch_semitones": conversion.pitch_semitones,
        "formant_scale": conversion.formant_scale,
        "strength": conversion.strength,
    }
    inputs = dict(speech)
    if conversion.reference is not None:
        inputs["reference"] = conversion.reference
    weight = weight_of(VOICE_WEIGHT, quantity.amount)
    return PlannedStage(name, conversion.engine, parameters, inputs, weight, quantity)


def plan_effects(
    name: str, effects: EffectsSpec, speech: Mapping[str, InputSource], quantity: Quantity
) -> PlannedStage:
    weight = weight_of(VOICE_WEIGHT, quantity.amount)
    parameters = effect_parameters(effects.steps)
    return PlannedStage(name, effects.engine, parameters, speech, weight, quantity)


def plan_alignment(
    name: str, alignment: AlignmentSpec, recording: Mapping[str, InputSource], quantity: Quantity
) -> PlannedStage:
    weight = weight_of(VOICE_WEIGHT, quantity.amount)
    parameters = {"alignment": {"transcript": alignment.transcript, "language": alignment.language}}
    return PlannedStage(name, alignment.engine, parameters, recording, weight, quantity)
