from pathlib import Path

import pytest

from likeness.video.v1.video_pb2 import RenderingTask
from services.chassis.errors import InvalidArgument
from services.chassis.timeline import Emotion
from services.video.task import rendering_from

INPUTS = {"portrait": Path("portrait.png")}


def test_a_face_is_neutral_unless_the_task_names_another_emotion() -> None:
    assert rendering_from(RenderingTask(), INPUTS, Path()).emotion is Emotion.NEUTRAL
    assert rendering_from(RenderingTask(emotion="sad"), INPUTS, Path()).emotion is Emotion.SAD


def test_an_emotion_that_is_unknown_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidArgument, match=r"'bored' is unknown.*happy"):
        rendering_from(RenderingTask(emotion="bored"), INPUTS, Path())
