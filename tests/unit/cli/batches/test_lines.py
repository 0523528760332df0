import json
from pathlib import Path
from typing import Any

import pytest

from services.cli.batches.lines import file_fields, path_of, read_lines, with_assets


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"image": "me.jpg", "script": "me.jpg"}, {"body.image": "me.jpg"}),
        ({"image": "asset_1", "audio": "a/asset_1"}, {"body.audio": "a/asset_1"}),
        ({"avatar": {"image": "asset_1.jpg"}}, {"body.avatar.image": "asset_1.jpg"}),
        ({"avatar": "avatar_1"}, {}),
        ({"conversion": {"reference": "me.wav"}}, {"body.conversion.reference": "me.wav"}),
        ({"output": {"background": "blur"}}, {}),
        ({"output": {"background": "#ffffff"}}, {}),
        ({"output": {"background": "wall.png"}}, {"body.output.background": "wall.png"}),
        (
            {"image": "me.jpg", "scenes": [{"script": "Hi."}, {"audio": "two.wav", "image": "two.jpg"}]},
            {"body.image": "me.jpg", "body.scenes.1.audio": "two.wav", "body.scenes.1.image": "two.jpg"},
        ),
        ({"image": 3, "audio": None, "avatar": [], "scenes": "none", "output": {"background": ""}}, {}),
        ({"scenes": [1, "two", None]}, {}),
    ],
)
def test_the_files_of_a_line_are_found(body: dict[str, Any], fields: dict[str, str]) -> None:
    (read,) = read_lines(line(custom_id="a", body=body))
    assert {field.field: field.name for field in file_fields(read)} == fields


@pytest.mark.parametrize("text", [b"", b"no JSON", b"[1]", b'{"body": 3}', b"[" * 10_000, b"\xff"])
def test_a_line_that_is_no_request_names_no_files_and_is_sent_as_it_is(text: bytes) -> None:
    lines = read_lines(text)
    assert [field for each in lines for field in file_fields(each)] == []
    assert with_assets(lines, [], {}) == text


def test_lines_are_numbered_as_in_the_file() -> None:
    data = b"\xef\xbb\xbf" + line(custom_id="a", body={"image": "x.jpg"}) + b"\r\n\r\n" + line(custom_id="b")
    assert [(each.number, each.custom_id) for each in read_lines(data)] == [(1, "a"), (2, None), (3, "b")]


def test_assets_take_the_place_of_their_files_and_all_else_stays() -> None:
    untouched = b'{"custom_id":"b",  "body":{"script":"x.jpg","speed":1.0}}'
    data = line(custom_id="a", body={"image": "x.jpg", "audio": "gone.wav"}) + b"\n" + untouched + b"\n"
    lines = read_lines(data)
    fields = [field for each in lines for field in file_fields(each)]

    first, *others = with_assets(lines, fields, {"x.jpg": "asset_1"}).split(b"\n")
    assert json.loads(first)["body"] == {"image": "asset_1", "audio": "gone.wav"}
    assert others == [untouched, b""]


def test_files_are_relative_to_the_folder_of_the_batch() -> None:
    (read,) = read_lines(line(body={"image": "faces/me.jpg", "audio": "/tmp/me.wav"}))
    paths = [path_of(field, Path("jobs")) for field in file_fields(read)]
    assert paths == [Path("jobs/faces/me.jpg"), Path("/tmp/me.wav")]
