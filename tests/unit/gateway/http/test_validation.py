"""What pydantic finds wrong is told in words: fields by the names that users know, unions as one field."""

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from services.gateway.avatars.endpoints import NewAvatar
from services.gateway.batches.lines import BatchLine
from services.gateway.effects.endpoints import NewEffect
from services.gateway.http.validation import MESSAGES, TOO_MANY_ERRORS, details_of
from services.gateway.speech.schemas import SpeechRequest
from services.gateway.videos.requests import VideoRequest

LANDMARKS = {name: [1, 2] for name in ("left_eye", "right_eye", "mouth_left", "mouth_right")}


def told(model: type[BaseModel], value: object, path: str = "") -> list[tuple[str | None, str]]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(value)
    return [(each.param, each.message) for each in details_of(refused.value, path)]


@pytest.mark.parametrize(
    ("model", "value", "expected"),
    [
        (VideoRequest, [], [(None, "Give an object.")]),
        (BatchLine, {"custom_id": "a", "body": []}, [("body", "body: Give an object.")]),
        (BatchLine, {"body": {}}, [("custom_id", "custom_id: It is missing. Give it.")]),
        (VideoRequest, {"scenes": [5]}, [("scenes.0", "scenes.0: Give an object.")]),
        (VideoRequest, {"speed": "fast"}, [("speed", "speed: Give a number.")]),
        (VideoRequest, {"ssml": "maybe"}, [("ssml", "ssml: Give true or false.")]),
        (SpeechRequest, {"input": "x", "voice": {"id": 4}}, [("voice", "voice: Give a text.")]),
        (VideoRequest, {"avatar": 5}, [("avatar", "avatar: Give an object or a text.")]),
        (
            VideoRequest,
            {"avatar": {"imag": 1}},
            [
                ("avatar.image", "avatar.image: It is missing. Give it."),
                (
                    "avatar.imag",
                    "avatar.imag: There is no such field. Check its spelling.",
                ),
            ],
        ),
        (
            VideoRequest,
            {"avatar": {"image": "a", "face": {"index": 0}, "landmarks": LANDMARKS}},
            [("avatar", "avatar: needs either face or landmarks: landmarks already say which face")],
        ),
        (
            VideoRequest,
            {"effects": ["radio", 7, {"effect": "echo", "amounts": {"mix": "much"}}]},
            [
                ("effects.1", "effects.1: Give a text or an object."),
                ("effects.2.amounts.mix", "effects.2.amounts.mix: Give a number."),
            ],
        ),
        (
            VideoRequest,
            {"metadata": {"k" * 70: "v"}},
            [("metadata", "metadata: One of its keys: String should have at most 64 characters")],
        ),
        (
            VideoRequest,
            {"metadata": {"Campaign": 5, "Owner": 6, "list[str]": 7}},
            [
                ("metadata.Campaign", "metadata.Campaign: Give a text."),
                ("metadata.Owner", "metadata.Owner: Give a text."),
                ("metadata.list[str]", "metadata.list[str]: Give a text."),
            ],
        ),
        (
            VideoRequest,
            {"effects": [{"effect": "echo", "amounts": {"Mix": "much", "str": "more"}}]},
            [
                ("effects.0.amounts.Mix", "effects.0.amounts.Mix: Give a number."),
                ("effects.0.amounts.str", "effects.0.amounts.str: Give a number."),
            ],
        ),
        (NewAvatar, {"name": "a", "image": 5}, [("image", "image: Give a text.")]),
        (NewEffect, {"name": "a", "steps": "x"}, [("steps", "steps: Give a list.")]),
    ],
)
def test_an_error_names_its_field_and_what_to_give(
    model: type[BaseModel], value: object, expected: list[tuple[str | None, str]]
):
    assert told(model, value) == expected


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (BatchLine, {"url": 1}),
        (BatchLine, 5),
        (VideoRequest, {"avatar": {"face": 5}}),
        (VideoRequest, {"scenes": [{"avatar": 7}]}),
        (VideoRequest, {"output": 1}),
    ],
)
def test_no_error_has_the_name_of_a_class_or_of_pydantics_parts(model: type[BaseModel], value: object):
    for param, message in told(model, value):
        text = f"{param} {message}"
        for internal in ("BatchLine", "Avatar", "Scene", "Output", "function-", "instance of", "dictionary"):
            assert internal not in text


def test_the_path_precedes_the_names():
    assert told(VideoRequest, {"speed": "fast"}, "body.") == [("body.speed", "body.speed: Give a number.")]


def test_a_long_name_is_shortened():
    ((param, message),) = told(VideoRequest, {"x" * 5000: 1})
    assert param == "x" * 100 + "…"
    assert message.count("x") <= 101


def test_thousands_of_errors_become_one_summary():
    assert told(VideoRequest, dict.fromkeys(map(str, range(2000)))) == [(None, TOO_MANY_ERRORS)]


@pytest.mark.parametrize("of_fastapi", [True, False])
def test_a_thousand_errors_are_told_as_one(of_fastapi: bool):
    with pytest.raises(ValidationError) as refused:
        VideoRequest.model_validate({f"k{number}": 0 for number in range(2000)})
    error = RequestValidationError(refused.value.errors()) if of_fastapi else refused.value
    assert [each.message for each in details_of(error)] == [TOO_MANY_ERRORS]


def test_no_message_refers_to_the_docs_which_production_does_not_show():
    assert not any("/docs" in message for message in (TOO_MANY_ERRORS, *MESSAGES.values()))
