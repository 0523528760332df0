"""Plans the stages of a video. Pure."""

from collections.abc import Mapping
from typing import Any

from services.chassis.engine_api.timeline import Emotion
from services.chassis.engine_api.video_format import VideoFormat
from services.gateway.jobs.domain.job_plan import PlannedStage
from services.gateway.jobs.domain.models import InputSource, StageOutput
from services.gateway.speech.plan import plan_speech
from services.gateway.videos.spec import OutputSpec, SceneSpec, VideoSpec

VIDEO_WEIGHT = 10.0
MUX_WEIGHT = 2.0


def plan(spec: VideoSpec) -> tuple[PlannedStage, ...]:
    """Returns the stages in an order in which every producer comes before its consumers."""
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
    """Returns `tts | align → [voice] → [effects] → video` of one scene, and its outputs as inputs of the
    mux."""
    stages, speech = plan_speech(f"scene-{number}", scene)
    stages.append(plan_video(f"scene-{number}/video", scene, spec, speech))
    video: dict[str, InputSource] = {f"video.{number}": StageOutput(stages[-1].name, "video")}
    return stages, video | ({f"speech.{number}": speech["speech"]} if speech else {})


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
        name,
        scene.engine,
        parameters,
        inputs | dict(speech if scene.engine.needs_audio else {}),
        VIDEO_WEIGHT,
    )


def plan_picture(output: OutputSpec, parameters: dict[str, Any]) -> dict[str, InputSource]:
    """Adds fit, format and background to the parameters where they are not the defaults. Returns the inputs
    that they need."""
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
    return PlannedStage("mux", spec.output.mux, parameters, inputs, MUX_WEIGHT)
