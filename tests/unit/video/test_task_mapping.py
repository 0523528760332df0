from pathlib import Path

import pytest

from likeness.video.v1.video_pb2 import InspectPortraitRequest, RenderingTask
from likeness.video.v1.video_pb2 import Piece as PieceMessage
from services.chassis.engine_api.timeline import Emotion
from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import Fit, Piece
from services.video.task_mapping import inspection_from, rendering_from

INPUTS = {"portrait": Path("portrait.png")}


def test_a_face_is_neutral_unless_the_task_names_another_emotion() -> None:
    assert rendering_from(RenderingTask(), INPUTS, Path()).emotion is Emotion.NEUTRAL
    assert rendering_from(RenderingTask(emotion="sad"), INPUTS, Path()).emotion is Emotion.SAD


def test_an_unknown_emotion_is_refused_and_the_known_ones_are_listed() -> None:
    with pytest.raises(InvalidArgument, match=r"'bored' is unknown.*happy"):
        rendering_from(RenderingTask(emotion="bored"), INPUTS, Path())


def test_an_inspection_is_mapped_with_the_same_vocabulary_as_a_rendering() -> None:
    asked = InspectPortraitRequest(format="prores4444", fit="pad", width=128, height=256)
    inspection = inspection_from(asked, Path("portrait.png"))
    assert (inspection.format, inspection.fit) == (VideoFormat.PRORES_4444, Fit.PAD)
    assert (inspection.width, inspection.height, inspection.landmarks) == (128, 256, None)
    with pytest.raises(InvalidArgument, match="'gif' is unknown"):
        inspection_from(InspectPortraitRequest(format="gif"), Path())


def test_a_task_without_a_piece_asks_for_the_whole_scene() -> None:
    assert rendering_from(RenderingTask(), INPUTS, Path()).piece is None
    task = RenderingTask(piece=PieceMessage(index=2, count=3))
    assert rendering_from(task, INPUTS, Path()).piece == Piece(2, 3)


@pytest.mark.parametrize(("index", "count"), [(0, 0), (3, 3), (7, 3)])
def test_a_piece_that_there_is_not_is_refused(index: int, count: int) -> None:
    task = RenderingTask(piece=PieceMessage(index=index, count=count))
    with pytest.raises(InvalidArgument, match=f"no piece {index} of {count}: give"):
        rendering_from(task, INPUTS, Path())
