"""From what was asked for to the graph of stages. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_api.timeline import Emotion
from services.chassis.engine_api.video_format import VideoFormat
from services.gateway.effects.chains import parameters_of as effect_parameters
from services.gateway.jobs.domain.models import InputSource, StageOutput
from services.gateway.lexicon.pronunciation import parameters_of as lexicon_parameters
from services.gateway.videos.spec import (
    AlignmentSpec,
    ConversionSpec,
    EffectsSpec,
    OutputSpec,
    SceneSpec,
    ScriptSpec,
    VideoSpec,
)


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """`name` is unique in the video; `parameters` is the service's task message in its JSON form."""

    name: str
    engine: EngineSpec
    parameters: Mapping[str, Any]
    inputs: Mapping[str, InputSource]


def plan(spec: VideoSpec) -> tuple[PlannedStage, ...]:
    """Stages in an order in which every producer stands before its consumers."""
    stages: list[PlannedStage] = []
    mux_inputs: dict[str, InputSource] = {}
    for number, scene in enumerate(spec.scenes):
        scene_stages, scene_outputs = plan_scene(number, scene, spec)
        stages += scene_stages
        mux_inputs |= scene_outputs
    return (*stages, plan_mux(spec, mux_inputs))


def plan_scene(
    number: int, scene: SceneSpec, spec: VideoSpec
) -> tuple[list[PlannedStage], dict[str, InputSource]]:
    """`tts | align → [voice] → [effects] → video` for one scene, and what the mux takes of it."""
    stages, speech = plan_speech(f"scene-{number}", scene)
    stages.append(plan_video(f"scene-{number}/video", scene, spec, speech))
    video: dict[str, InputSource] = {f"video.{number}": StageOutput(stages[-1].name, "video")}
    return stages, video | ({f"speech.{number}": speech["speech"]} if speech else {})


def plan_speech(prefix: str, scene: SceneSpec) -> tuple[list[PlannedStage], dict[str, InputSource]]:
    """What makes the speech as it is heard, and where it and its timeline come from."""
    stages, speech = plan_source(prefix, scene)
    if scene.conversion is not None:
        stages.append(plan_voice(f"{prefix}/voice", scene.conversion, speech))
        speech = outputs_of(stages[-1].name, *speech)
    if scene.effects is not None:
        stages.append(plan_effects(f"{prefix}/effects", scene.effects, speech))
        speech = outputs_of(stages[-1].name, *speech)
    return stages, speech


def plan_source(prefix: str, scene: SceneSpec) -> tuple[list[PlannedStage], dict[str, InputSource]]:
    """A recording is aligned as it is: later its words are harder to make out."""
    if isinstance(scene.speech, ScriptSpec):
        tts = plan_tts(f"{prefix}/tts", scene.speech)
        return [tts], outputs_of(tts.name, "speech", "timeline")
    if scene.speech is None:
        return [], {}
    recording: dict[str, InputSource] = {"speech": scene.speech}
    if scene.alignment is None:
        return [], recording
    align = plan_alignment(f"{prefix}/align", scene.alignment, recording)
    return [align], recording | outputs_of(align.name, "timeline")


def outputs_of(stage: str, *names: str) -> dict[str, InputSource]:
    return {name: StageOutput(stage, name) for name in names}


def plan_tts(name: str, script: ScriptSpec) -> PlannedStage:
    return PlannedStage(name, script.engine, synthesis_parameters(script), {})


def synthesis_parameters(script: ScriptSpec) -> dict[str, Any]:
    """As the TTS service's task has them, in JSON."""
    parameters: dict[str, Any] = {
        "text": script.text,
        "voice": script.voice,
        "speed": script.speed,
        "pitch_semitones": script.pitch_semitones,
        "ssml": script.ssml,
    }
    if script.emotion is not Emotion.NEUTRAL:
        parameters["emotion"] = script.emotion.value
    if script.lexicon:
        parameters["lexicon"] = lexicon_parameters(script.lexicon)
    return parameters


def plan_voice(name: str, conversion: ConversionSpec, speech: Mapping[str, InputSource]) -> PlannedStage:
    parameters = {
        "pitch_semitones": conversion.pitch_semitones,
        "formant_scale": conversion.formant_scale,
        "strength": conversion.strength,
    }
    inputs = dict(speech)
    if conversion.reference is not None:
        inputs["reference"] = conversion.reference
    return PlannedStage(name, conversion.engine, parameters, inputs)


def plan_effects(name: str, effects: EffectsSpec, speech: Mapping[str, InputSource]) -> PlannedStage:
    return PlannedStage(name, effects.engine, effect_parameters(effects.steps), speech)


def plan_alignment(name: str, alignment: AlignmentSpec, recording: Mapping[str, InputSource]) -> PlannedStage:
    parameters = {"alignment": {"transcript": alignment.transcript, "language": alignment.language}}
    return PlannedStage(name, alignment.engine, parameters, recording)


def plan_video(
    name: str, scene: SceneSpec, spec: VideoSpec, speech: Mapping[str, InputSource]
) -> PlannedStage:
    parameters: dict[str, Any] = {
        "width": spec.output.width,
        "height": spec.output.height,
        "fps": spec.output.fps,
        "min_seconds": scene.min_seconds,
        "prompt": scene.prompt,
        "seed": str(spec.output.seed),
    }
    if scene.landmarks is not None:
        parameters["landmarks"] = {point: {"x": x, "y": y} for point, (x, y) in scene.landmarks.items()}
    if scene.emotion is not Emotion.NEUTRAL:
        parameters["emotion"] = scene.emotion.value
    if scene.face is not None:
        parameters["face"] = scene.face
    inputs: dict[str, InputSource] = {"portrait": scene.portrait}
    inputs |= plan_picture(spec.output, parameters)
    return PlannedStage(
        name, scene.engine, parameters, inputs | dict(speech if scene.engine.needs_audio else {})
    )


def plan_picture(output: OutputSpec, parameters: dict[str, Any]) -> dict[str, InputSource]:
    """Adds what is not as usual to the parameters; returns the inputs that this takes."""
    if output.fit != "crop":
        parameters["fit"] = output.fit
    if output.format is not VideoFormat.MP4:
        parameters["format"] = output.format.value
    if output.background is None:
        return {}
    if isinstance(output.background, str):
        parameters["background"] = output.background
        return {}
    parameters["background"] = "image"
    return {"background": output.background}


def plan_mux(spec: VideoSpec, inputs: Mapping[str, InputSource]) -> PlannedStage:
    parameters: dict[str, Any] = {
        "scenes": len(spec.scenes),
        "loudness_lufs": spec.output.loudness_lufs,
        "audio_delay_seconds": spec.output.audio_delay_seconds,
        "shortest": spec.output.shortest,
    }
    if spec.output.format is not VideoFormat.MP4:
        parameters["format"] = spec.output.format.value
    return PlannedStage("mux", spec.output.mux, parameters, inputs)
