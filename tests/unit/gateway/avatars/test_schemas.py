"""Requests that name portraits and faces, and their inspection."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.chassis.storage import Artifact
from services.gateway.avatars.inspector import Portrait, inspection_of
from services.gateway.videos.requests import VideoRequest
from tests.unit.gateway.jobs.job_examples import VIDEO

EYES_AND_MOUTH = {"left_eye": [1, 1], "right_eye": [9, 1], "mouth_left": [3, 6], "mouth_right": [7, 6]}
GOOD: dict[str, Any] = {"script": "Hello."}
PORTRAIT = Artifact("k", "0" * 64, "image/png", 1)


@pytest.mark.parametrize(
    "face", [{}, {"face": {"index": 0}}, {"face": {"box": [0, 0, 10, 10]}}, {"landmarks": EYES_AND_MOUTH}]
)
def test_an_avatar_has_an_image_and_at_most_one_choice_of_face(face: dict[str, Any]) -> None:
    assert VideoRequest.model_validate(GOOD | {"avatar": {"image": "a", **face}}).avatar is not None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"avatar": {"image": "a", "face": {}}}, "exactly one of index and box"),
        ({"avatar": {"image": "a", "face": {"index": 1, "box": [0, 0, 1, 1]}}}, "exactly one of"),
        ({"avatar": {"image": "a", "face": {"index": -1}}}, "greater than or equal to 0"),
        ({"avatar": {"image": "a", "face": {"box": [0, 0, 0, 9]}}}, "greater than 0"),
        ({"avatar": {"image": "a", "face": {"index": 1}, "landmarks": EYES_AND_MOUTH}}, "either face or"),
        ({"output": {"background": "#fff"}}, "is no colour"),
        ({"output": {"format": "gif"}}, "mp4"),
        ({"output": {"format": "prores4444", "background": "blur"}}, "has no background"),
        ({"output": {"fit": "stretch"}}, "crop"),
        ({"image": "a", "avatar": "avatar_1"}, "either image or avatar"),
        (
            {"script": None, "scenes": [{"script": "Hi.", "image": "a", "avatar": "b"}]},
            "either image or avatar",
        ),
        ({"image": "a", "input_reference": {"file_id": "b"}}, "each is the portrait"),
        ({"output": {"fps": 61}}, "60"),
        ({"prompt": "nod", "scenes": [{"script": "Hello."}], "script": None}, "at the top or in scenes"),
    ],
)
def test_contradictory_fields_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        VideoRequest.model_validate(GOOD | fields)


@pytest.mark.parametrize(
    ("background", "ids"),
    [("blur", set[str]()), ("#20a0ff", set[str]()), (None, set[str]()), ("asset_1", {"asset_1"})],
)
def test_a_background_other_than_blur_and_colours_is_an_asset(background: str | None, ids: set[str]) -> None:
    request = VideoRequest.model_validate(GOOD | {"output": {"background": background}})
    assert request.asset_ids() == ids


def test_the_text_of_a_silent_video_is_its_prompt() -> None:
    silent = VideoRequest.model_validate({"prompt": "zoom in", "seconds": 3})
    assert list(silent.texts()) == ["zoom in"]
    assert list(VideoRequest.model_validate({"prompt": "Hello."}).texts()) == ["Hello."]


def test_an_inspection_names_the_chosen_face() -> None:
    request = inspection_of(Portrait(PORTRAIT, VIDEO.name, face={"index": 1}, prompt="nod"), {})
    assert (request.engine, request.face.index, request.prompt) == (VIDEO.name, 1, "nod")
    assert not request.HasField("landmarks")
    guided = inspection_of(Portrait(PORTRAIT, VIDEO.name, landmarks={"left_eye": (1.0, 2.0)}), {})
    assert (guided.landmarks.left_eye.x, guided.HasField("face")) == (1.0, False)
    assert not guided.landmarks.HasField("chin")
