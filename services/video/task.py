"""The contract's task as the engines know it."""

from collections.abc import Mapping
from pathlib import Path

from likeness.video.v1 import video_pb2
from services.chassis.stage import required_input
from services.chassis.timeline import SpeechTimeline
from services.chassis.timeline_codec import timeline_from_json
from services.video.engines.protocol import FaceLandmarks, Point, Rendering

DEFAULT_FPS = 25.0


def rendering_from(task: video_pb2.RenderingTask, inputs: Mapping[str, Path], scratch: Path) -> Rendering:
    return Rendering(
        portrait=required_input(inputs, "portrait"),
        output=scratch / "video.mp4",
        speech=inputs.get("speech"),
        timeline=_timeline_in(inputs),
        width=task.width,
        height=task.height,
        fps=task.fps or DEFAULT_FPS,
        min_seconds=task.min_seconds,
        prompt=task.prompt,
        seed=task.seed,
        landmarks=landmarks_from(task.landmarks) if task.HasField("landmarks") else None,
    )


def landmarks_from(message: video_pb2.FaceLandmarks) -> FaceLandmarks:
    return FaceLandmarks(
        left_eye=_point_from(message.left_eye),
        right_eye=_point_from(message.right_eye),
        mouth_left=_point_from(message.mouth_left),
        mouth_right=_point_from(message.mouth_right),
        upper_lip=_point_from(message.upper_lip),
        lower_lip=_point_from(message.lower_lip),
        chin=_point_from(message.chin),
    )


def landmarks_to_proto(face: FaceLandmarks) -> video_pb2.FaceLandmarks:
    return video_pb2.FaceLandmarks(
        left_eye=_point_to_proto(face.left_eye),
        right_eye=_point_to_proto(face.right_eye),
        mouth_left=_point_to_proto(face.mouth_left),
        mouth_right=_point_to_proto(face.mouth_right),
        upper_lip=_point_to_proto(face.upper_lip),
        lower_lip=_point_to_proto(face.lower_lip),
        chin=_point_to_proto(face.chin),
    )


def _timeline_in(inputs: Mapping[str, Path]) -> SpeechTimeline | None:
    path = inputs.get("timeline")
    return None if path is None else timeline_from_json(path.read_bytes())


def _point_from(message: video_pb2.Point) -> Point:
    return (message.x, message.y)


def _point_to_proto(point: Point) -> video_pb2.Point:
    return video_pb2.Point(x=point[0], y=point[1])
