"""Plans the stages of a video. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis.engine_api.timeline import Emotion
from services.chassis.engine_api.video_format import VideoFormat
from services.gateway.jobs.domain.job_plan import PlannedStage
from services.gateway.jobs.domain.models import InputSource, StageOutput
from services.gateway.jobs.domain.quantity import Quantity, Unit
from services.gateway.speech.plan import plan_speech, weight_of
from services.gateway.videos.parts import part_count
from services.gateway.videos.spec import OutputSpec, SceneSpec, VideoSpec

VIDEO_WEIGHT = 10.0
MUX_WEIGHT = 1.0
"""Shares of a job's progress for each second of video."""
USUAL_FPS = 25.0
MAX_PARTS = 400
"""Limit of the parts of all scenes of a video: beyond it they get longer."""
WORK = {VideoFormat.MP4: 1.0, VideoFormat.VP9_ALPHA: 2.0, VideoFormat.PRORES_4444: 8.0}
"""Work of a picture in each format, relative to MP4."""


def plan(spec: VideoSpec) -> tuple[PlannedStage, ...]:
    """Returns the stages in an order in which every producer comes before its consumers."""
    scenes = [plan_scene(number, scene, spec) for number, scene in enumerate(spec.scenes)]
    stages = [stage for scene in scenes for stage in scene.stages]
    return (*stages, plan_mux(spec, scenes))


@dataclass(frozen=True, slots=True)
class PlannedScene:
    """Stages of one scene, and its outputs as inputs of the mux. `parts` counts those of its picture."""

    stages: tuple[PlannedStage, ...]
    outputs: Mapping[str, InputSource]
    parts: int


def plan_scene(number: int, scene: SceneSpec, spec: VideoSpec) -> PlannedScene:
    """Plans `tts | align → [voice] → [effects] → video` of one scene."""
    stages, speech = plan_speech(f"scene-{number}", scene)
    count = parts_of(scene, spec)
    quantity = video_quantity(scene.seconds / count, scene.estimated_seconds / count, spec.output)
    weight = VIDEO_WEIGHT * max(scene.seconds, 1.0) / count
    parameters, inputs = video_task(scene, spec.output, speech)
    outputs: dict[str, InputSource] = {}
    for index in range(count):
        part = {"piece": {"index": index, "count": count}} if count > 1 else {}
        name = video_stage_name(number, index, count)
        stages.append(PlannedStage(name, scene.engine, parameters | part, inputs, weight, quantity))
        outputs[f"video.{number}.{index}" if count > 1 else f"video.{number}"] = StageOutput(name, "video")
    sound: dict[str, InputSource] = {f"speech.{number}": speech["speech"]} if speech else {}
    return PlannedScene(tuple(stages), outputs | sound, count)


def parts_of(scene: SceneSpec, spec: VideoSpec) -> int:
    """Returns in how many parts the scene's picture is rendered."""
    most = max(MAX_PARTS // len(spec.scenes), 1)
    return min(part_count(scene.engine, scene.seconds, work_per_second(spec.output)), most)


def video_quantity(seconds: float, estimated_seconds: float, output: OutputSpec) -> Quantity:
    work = seconds * work_per_second(output)
    share = estimated_seconds / seconds if seconds else 0.0
    return Quantity(Unit.SECOND_OF_VIDEO, seconds, work, seconds, share)


def work_per_second(output: OutputSpec) -> float:
    """Returns the megapixels of the picture: more for more than the usual frames a second, and for formats
    that cost more."""
    return output.width * output.height / 1e6 * output.fps / USUAL_FPS * WORK[output.format]


def video_stage_name(scene: int, part: int, parts: int) -> str:
    return f"scene-{scene}/video-{part}" if parts > 1 else f"scene-{scene}/video"


def video_task(
    scene: SceneSpec, output: OutputSpec, speech: Mapping[str, InputSource]
) -> tuple[dict[str, Any], dict[str, InputSource]]:
    """Returns the parameters and the inputs of the scene's picture as a whole."""
    parameters: dict[str, Any] = {
        "width": output.width,
        "height": output.height,
        "fps": output.fps,
        "min_seconds": scene.min_seconds,
        "prompt": scene.prompt,
        "seed": str(output.seed),
    }
    if scene.landmarks is not None:
        parameters["landmarks"] = {point: {"x": x, "y": y} for point, (x, y) in scene.landmarks.items()}
    if scene.emotion is not Emotion.NEUTRAL:
        parameters["emotion"] = scene.emotion.value
    if scene.face is not None:
        parameters["face"] = scene.face
    inputs: dict[str, InputSource] = {"portrait": scene.portrait}
    inputs |= plan_picture(output, parameters)
    return parameters, inputs | dict(speech if scene.engine.needs_audio else {})


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


def plan_mux(spec: VideoSpec, scenes: Sequence[PlannedScene]) -> PlannedStage:
    parameters: dict[str, Any] = {
        "scenes": len(spec.scenes),
        "loudness_lufs": spec.output.loudness_lufs,
        "audio_delay_seconds": spec.output.audio_delay_seconds,
        "shortest": spec.output.shortest,
    }
    if spec.output.format is not VideoFormat.MP4:
        parameters["format"] = spec.output.format.value
    if any(scene.parts > 1 for scene in scenes):
        parameters["parts"] = [scene.parts for scene in scenes]
    inputs = {name: source for scene in scenes for name, source in scene.outputs.items()}
    seconds = sum(scene.seconds for scene in spec.scenes)
    share = sum(scene.estimated_seconds for scene in spec.scenes) / seconds if seconds else 0.0
    quantity = Quantity(Unit.SECOND_OF_VIDEO, seconds, seconds, seconds, share)
    return PlannedStage("mux", spec.output.mux, parameters, inputs, weight_of(MUX_WEIGHT, seconds), quantity)
