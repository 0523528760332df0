"""Maps messages of the video contract to the dataclasses of the engines, and back."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from likeness.video.v1 import video_pb2
from services.chassis.contracts.timeline import timeline_from_json
from services.chassis.engine_api.timeline import Emotion, SpeechTimeline
from services.chassis.engine_api.video_format import video_format_named
from services.chassis.errors import InvalidArgument
from services.chassis.worker.runner import required_input
from services.video.engines.protocol import (
    Box,
    FaceChoice,
    FaceLandmarks,
    Fit,
    Inspection,
    Piece,
    Point,
    Rendering,
)

DEFAULT_FPS = 25.0
IMAGE = "image"
Word = TypeVar("Word", bound=StrEnum)


def rendering_from(task: video_pb2.RenderingTask, inputs: Mapping[str, Path], scratch: Path) -> Rendering:
    """Returns the task as a `Rendering`. Raises `InvalidArgument` for words that the contract lacks.

    Also for a piece that there is not.
    """
    video_format = video_format_named(task.format)
    return Rendering(
        portrait=required_input(inputs, "portrait"),
        output=scratch / f"video{video_format.suffix}",
        speech=inputs.get("speech"),
        timeline=_timeline_in(inputs),
        width=task.width,
        height=task.height,
        fps=task.fps or DEFAULT_FPS,
        min_seconds=task.min_seconds,
        prompt=task.prompt,
        seed=task.seed,
        landmarks=landmarks_from(task.landmarks) if task.HasField("landmarks") else None,
        face=face_choice_from(task.face),
        fit=_word("fit", task.fit or Fit.CROP, Fit),
        background=required_input(inputs, "background")
        if task.background == IMAGE
        else task.background or None,
        format=video_format,
        emotion=_word("emotion", task.emotion or Emotion.NEUTRAL, Emotion),
        piece=piece_from(task.piece) if task.HasField("piece") else None,
    )


def inspection_from(request: video_pb2.InspectPortraitRequest, portrait: Path) -> Inspection:
    """Returns the request as an `Inspection`. Raises `InvalidArgument` for words that the contract lacks."""
    return Inspection(
        portrait,
        landmarks=landmarks_from(request.landmarks) if request.HasField("landmarks") else None,
        face=face_choice_from(request.face),
        prompt=request.prompt,
        width=request.width,
        height=request.height,
        fit=_word("fit", request.fit or Fit.CROP, Fit),
        format=video_format_named(request.format),
    )


def _word(name: str, value: str, words: type[Word]) -> Word:
    try:
        return words(value)
    except ValueError:
        raise InvalidArgument(f"The {name} {value!r} is unknown: choose from {', '.join(words)}.") from None


def face_choice_from(message: video_pb2.FaceChoice) -> FaceChoice | None:
    match message.WhichOneof("choice"):
        case "index":
            return message.index
        case "box":
            box = message.box
            return Box(box.left, box.top, box.width, box.height)
        case _:
            return None


def piece_from(message: video_pb2.Piece) -> Piece:
    if message.index >= message.count:
        raise InvalidArgument(
            f"There is no piece {message.index} of {message.count}: give a count of at least 1, "
            "and an index from 0 to one less."
        )
    return Piece(message.index, message.count)


def landmarks_from(message: video_pb2.FaceLandmarks) -> FaceLandmarks:
    return FaceLandmarks(
        left_eye=_point_from(message.left_eye),
        right_eye=_point_from(message.right_eye),
        mouth_left=_point_from(message.mouth_left),
        mouth_right=_point_from(message.mouth_right),
        upper_lip=_point_from(message.upper_lip) if message.HasField("upper_lip") else None,
        lower_lip=_point_from(message.lower_lip) if message.HasField("lower_lip") else None,
        chin=_point_from(message.chin) if message.HasField("chin") else None,
    )


def landmarks_to_proto(face: FaceLandmarks) -> video_pb2.FaceLandmarks:
    return video_pb2.FaceLandmarks(
        left_eye=_point_to_proto(face.left_eye),
        right_eye=_point_to_proto(face.right_eye),
        mouth_left=_point_to_proto(face.mouth_left),
        mouth_right=_point_to_proto(face.mouth_right),
        upper_lip=face.upper_lip and _point_to_proto(face.upper_lip),
        lower_lip=face.lower_lip and _point_to_proto(face.lower_lip),
        chin=face.chin and _point_to_proto(face.chin),
    )


def _timeline_in(inputs: Mapping[str, Path]) -> SpeechTimeline | None:
    path = inputs.get("timeline")
    return None if path is None else timeline_from_json(path.read_bytes())


def _point_from(message: video_pb2.Point) -> Point:
    return (message.x, message.y)


def _point_to_proto(point: Point) -> video_pb2.Point:
    return video_pb2.Point(x=point[0], y=point[1])
