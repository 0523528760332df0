"""Requests as JSON, and as forms of the `openai` client and of HTML."""

import base64
import io
from typing import Any, cast

import pytest
from starlette.datastructures import FormData, Headers, UploadFile

from services.gateway.http.errors import ApiError
from services.gateway.http.guarded_route import MAX_JSON_BYTES
from services.gateway.http.json_body import read_json
from services.gateway.intake.read_request import read_fields
from services.gateway.intake.uploads import Uploads
from services.gateway.videos.read_request import FIELDS, read_data_url, with_reference
from services.gateway.videos.requests import VideoRequest

UNUSED = cast(Uploads, None)
"""Uploads are used for files only."""


NO_FILE = UploadFile(io.BytesIO(), filename="", size=0)
"""What browsers send for a file input in which nothing was chosen."""


def json_part(text: str) -> UploadFile:
    """Builds a part of a form as browsers send JSON: as a file named `blob`."""
    headers = Headers({"content-type": "application/json; charset=utf-8"})
    return UploadFile(io.BytesIO(text.encode()), filename="blob", headers=headers)


async def form(*fields: tuple[str, str | UploadFile]) -> dict[str, Any]:
    return await read_fields(FormData(list(fields)), UNUSED, FIELDS)


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ([], {}),
        ([("script", "Hi"), ("speed", "1.5")], {"script": "Hi", "speed": "1.5"}),
        ([("output[fps]", "30"), ("output[seed]", "7")], {"output": {"fps": "30", "seed": "7"}}),
        ([("output", '{"fps": 30}')], {"output": {"fps": 30}}),
        ([("effects", '["radio"]')], {"effects": ["radio"]}),
        ([("output", '{"fps": 30}'), ("output[seed]", "7")], {"output": {"fps": 30, "seed": "7"}}),
        ([("scenes", '[{"script": "Hi"}]')], {"scenes": [{"script": "Hi"}]}),
        ([("script", '{"not": "json"}')], {"script": '{"not": "json"}'}),
        ([("script", "[slowly] Hi")], {"script": "[slowly] Hi"}),
        ([("input_reference[file_id]", "a")], {"input_reference": {"file_id": "a"}}),
        ([("a[b", "c")], {"a[b": "c"}),
        ([("script", "Hi"), ("title", ""), ("metadata[a]", ""), ("image", NO_FILE)], {"script": "Hi"}),
        ([("output", json_part('{"fps": 30}'))], {"output": {"fps": 30}}),
        ([("effects", json_part('["radio"]'))], {"effects": ["radio"]}),
        ([("avatar", json_part('"avatar_1"'))], {"avatar": "avatar_1"}),
        ([("input_reference", json_part('{"file_id": "a"}'))], {"input_reference": {"file_id": "a"}}),
    ],
)
async def test_fields_of_a_form_become_json(fields: list[tuple[str, str | UploadFile]], body: dict[str, Any]):
    assert await form(*fields) == body


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ([("output", "fast"), ("output[fps]", "30")], "field_given_twice", "output"),
        ([("scenes", "[]"), ("scenes[0]", "x")], "field_given_twice", "scenes"),
        ([("metadata[a]", "1"), ("metadata[a]", "2")], "field_given_twice", "metadata[a]"),
        ([("output", '{"fps": 30}'), ("output[fps]", "25")], "field_given_twice", "output[fps]"),
        ([("output[fps]", "25"), ("output", '{"fps": 30}')], "field_given_twice", "output"),
        ([("output", json_part("{}")), ("output", "{}")], "field_given_twice", "output"),
        ([("output", json_part('{"fps"'))], "invalid_json", None),
        ([("script", json_part('"Hi"'))], "unexpected_file", "script"),
        ([("scenes", "[{")], "invalid_json", None),
        ([("script", "Hi"), ("script", "Ho")], "field_given_twice", "script"),
        (
            [("image", "asset_1"), ("input_reference", UploadFile(cast(Any, None), filename="a"))],
            "field_given_twice",
            "input_reference",
        ),
        ([("script", UploadFile(cast(Any, None), filename="a"))], "unexpected_file", "script"),
    ],
)
async def test_contradictory_fields_are_refused(
    fields: list[tuple[str, str | UploadFile]], code: str, param: str | None
):
    with pytest.raises(ApiError) as refused:
        await form(*fields)
    assert (refused.value.code, refused.value.param) == (code, param)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 10_000, rb'"\ud800"'])
async def test_invalid_json_is_refused(data: bytes):
    with pytest.raises(ApiError, match="not valid JSON") as refused:
        await read_json(data)
    assert refused.value.status == 400


async def test_a_file_of_json_is_no_larger_than_a_body_of_json():
    with pytest.raises(ApiError) as refused:
        await form(("scenes", json_part(" " * MAX_JSON_BYTES + "[]")))
    assert (refused.value.status, refused.value.code) == (413, "file_too_large")


async def test_an_input_reference_becomes_the_image():
    request = VideoRequest.model_validate({"script": "Hi", "input_reference": {"file_id": "asset_1"}})
    read = await with_reference(request, UNUSED)
    assert (read.image, read.input_reference, read.script) == ("asset_1", None, "Hi")


def test_a_data_url_is_decoded():
    assert read_data_url("data:image/png;base64,aGVsbG8=") == b"hello"
    large = bytes(range(256)) * 4096
    assert read_data_url(f"data:image/png;base64,{base64.b64encode(large).decode()}") == large


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://example.com/me.png", "image_url_unsupported"),
        ("file:///etc/passwd", "image_url_unsupported"),
        ("data:image/png,hello", "image_url_unsupported"),
        ("data:image/png;base64,a", "image_url_invalid"),
        ("data:image/png;base64,aGVs bG8=", "image_url_invalid"),
        ("data:image/png;base64,é", "image_url_invalid"),
        ("", "image_url_unsupported"),
    ],
)
def test_any_other_url_is_refused(url: str, code: str):
    with pytest.raises(ApiError) as refused:
        read_data_url(url)
    assert (refused.value.code, refused.value.param) == (code, "input_reference.image_url")
