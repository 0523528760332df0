"""Lines of a batch: requests that are read, and errors of invalid lines."""

import json
from typing import Any

import pytest

from services.gateway.audio.kind import AUDIO
from services.gateway.audio.requests import AudioRequest
from services.gateway.batches.lines import MAX_LINES, MAX_NUMBER, MAX_SCENES, BatchLine, ReadLine, read_lines
from services.gateway.batches.refusal import MAX_LINE_ERRORS, BatchRefused, body_errors, line_errors
from services.gateway.http.errors import ApiError
from services.gateway.http.json_body import MAX_VALUES
from services.gateway.jobs.domain.models import Priority
from services.gateway.jobs.kinds import Kinds
from services.gateway.videos.kind import VIDEO
from services.gateway.videos.requests import VideoRequest

KINDS = Kinds((VIDEO, AUDIO))


def text_of(read: ReadLine) -> str | None:
    assert isinstance(read.request, VideoRequest | AudioRequest)
    return read.request.script


def line(custom_id: str = "a", **fields: Any) -> dict[str, Any]:
    return {"custom_id": custom_id, "body": {"script": "Hello.", "image": "asset_1"}, **fields}


def jsonl(*lines: object) -> bytes:
    return b"\n".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines)


async def errors_of(*lines: object) -> list[tuple[int, str | None, str | None, str]]:
    refused = BatchRefused((await read_lines(jsonl(*lines), KINDS)).errors)
    return [(each.line or 0, each.custom_id, each.param, each.code) for each in refused.details]


async def test_lines_keep_their_numbers_and_order():
    data = b"\xef\xbb\xbf" + jsonl(line("a"), b"", line("b"), b"  \r") + b"\r\n"
    read = (await read_lines(data, KINDS)).lines
    assert [(each.number, each.custom_id, text_of(each)) for each in read] == [
        (1, "a", "Hello."),
        (3, "b", "Hello."),
    ]


async def test_batch_files_of_openai_are_accepted():
    (read,) = (await read_lines(jsonl(line(method="POST", url="/v1/videos")), KINDS)).lines
    assert read.custom_id == "a"


async def test_the_url_of_a_line_chooses_its_kind():
    spoken = line("b", url="/v1/audio/jobs", body={"script": "Hi."})
    read = (await read_lines(jsonl(line("a"), spoken), KINDS)).lines
    assert [(each.kind.name, text_of(each)) for each in read] == [("video", "Hello."), ("audio", "Hi.")]


async def test_lines_have_batch_priority_unless_they_name_another():
    hasty = line("b", body={"script": "Hi.", "priority": "interactive"})
    read = (await read_lines(jsonl(line("a"), hasty), KINDS)).lines
    assert [each.request.priority_class for each in read] == [Priority.BATCH, Priority.INTERACTIVE]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (b"{", (None, None, "invalid_json")),
        (rb'{"custom_id": "\ud800"}', (None, None, "invalid_json")),
        (b"[]", (None, None, "invalid_request")),
        ({"body": {}}, (None, "custom_id", "invalid_request")),
        ({"custom_id": "", "body": {}}, ("", "custom_id", "invalid_request")),
        ({"custom_id": 7, "body": {}}, (None, "custom_id", "invalid_request")),
        (line("x" * 201), ("x" * 100 + "…", "custom_id", "invalid_request")),
        (line("b", url="/v1/chat/completions"), ("b", "url", "url_unknown")),
        (line("b", url="/v1/audio/jobs"), ("b", "body.image", "invalid_request")),
        (line("b", colour="red"), ("b", "colour", "invalid_request")),
        (line("b", body={"colour": "red"}), ("b", "body.colour", "invalid_request")),
        (line("b", body={"scenes": [{}, {"speed": 9}]}), ("b", "body.scenes.1.speed", "invalid_request")),
        (line("b", body={"script": "a\0b"}), ("b", None, "invalid_request")),
        (
            line("b", body={"input_reference": {"image_url": "data:image/png;base64,aGVsbG8="}}),
            ("b", "body.input_reference.image_url", "image_url_unsupported"),
        ),
        (line("b", body={"script": "Hi.", "dry_run": True}), ("b", "body.dry_run", "dry_run_unsupported")),
        (line("a"), ("a", "custom_id", "custom_id_repeated")),
    ],
)
async def test_the_error_of_a_line_has_its_id_field_and_code(
    wrong: object, told: tuple[str | None, str | None, str]
):
    assert await errors_of(line("a"), wrong) == [(2, *told)]


async def test_thousands_of_errors_in_a_line_become_one_summary():
    wrong = line("b", body=dict.fromkeys(map(str, range(2000))))
    assert await errors_of(line("a"), wrong) == [(2, "b", None, "invalid_request")]


async def test_all_errors_of_all_lines_are_reported():
    twice = line("c", body={"colour": "red", "speed": 9})
    assert await errors_of(line("a"), b"{", line("b"), twice, line("a")) == [
        (2, None, None, "invalid_json"),
        (4, "c", "body.speed", "invalid_request"),
        (4, "c", "body.colour", "invalid_request"),
        (5, "a", "custom_id", "custom_id_repeated"),
    ]


async def test_the_message_quotes_the_first_error_and_counts_the_invalid_lines():
    read = await read_lines(jsonl(line("a", body={"colour": "red", "size": "big"}), b"{"), KINDS)
    refused = BatchRefused(read.errors)
    assert refused.message.startswith("2 lines are wrong; nothing was made. Line 1: body.size:")
    assert (refused.status, refused.code, refused.param) == (422, "batch_invalid", "line 1")


async def test_what_is_wrong_with_frame_and_body_of_a_line_is_told_together():
    wrong = line("b", colour="red", body={"speed": 9})
    assert await errors_of(line("b"), wrong) == [
        (2, "b", "colour", "invalid_request"),
        (2, "b", "custom_id", "custom_id_repeated"),
        (2, "b", "body.speed", "invalid_request"),
    ]


async def test_a_request_in_a_wrong_frame_is_still_checked_further():
    read = await read_lines(jsonl(line("a"), line("a")), KINDS)
    assert ([each.number for each in read.lines], [each.line for each in read.errors]) == ([1, 2], [2])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "batch_empty"),
        (b"\n \r\n", "batch_empty"),
        (jsonl(*(line(str(number)) for number in range(MAX_LINES + 1))), "batch_too_long"),
        (
            jsonl(
                *(
                    line(str(number), body={"scenes": [{"script": "Hi."}] * (MAX_SCENES // 10)})
                    for number in range(11)
                )
            ),
            "batch_too_long",
        ),
    ],
    ids=["nothing", "blank lines", "too many lines", "too many scenes"],
)
async def test_a_batch_with_no_lines_or_too_many_is_refused(data: bytes, code: str):
    with pytest.raises(ApiError) as refused:
        await read_lines(data, KINDS)
    assert refused.value.code == code


async def test_too_many_scenes_are_told_with_what_is_wrong_in_lines():
    many = [
        line(str(number), body={"scenes": [{"script": "Hi."}] * (MAX_SCENES // 10)}) for number in range(11)
    ]
    with pytest.raises(ApiError) as refused:
        await read_lines(jsonl(b"{", *many, line("b", body={"speed": 9})), KINDS)
    assert refused.value.code == "batch_invalid"
    assert [(each.line, each.custom_id, each.code) for each in refused.value.details] == [
        (1, None, "invalid_json"),
        (12, "10", "batch_too_long"),
        (13, "b", "invalid_request"),
    ]


async def test_the_maximum_number_of_lines_is_accepted():
    lines = (line(str(number)) for number in range(MAX_LINES))
    assert len((await read_lines(jsonl(*lines), KINDS)).lines) == MAX_LINES


def test_the_schema_describes_a_line():
    assert set(BatchLine.model_json_schema()["required"]) == {"custom_id", "body"}


async def test_of_many_errors_of_a_line_the_first_are_listed():
    body = {f"k{number}": 0 for number in range(MAX_LINE_ERRORS + 7)}
    refused = BatchRefused((await read_lines(jsonl(line("a", body=body)), KINDS)).errors)
    listed: list[str | None] = [f"body.k{number}" for number in range(MAX_LINE_ERRORS)]
    assert [each.param for each in refused.details] == [*listed, None]
    assert refused.details[-1].message == "7 more things are wrong with this line."


def test_of_many_refusals_of_a_job_the_first_are_listed():
    refusals = [ApiError(422, "voice_unknown", "No.", f"scenes.{number}.voice") for number in range(12)]
    details = line_errors(3, "a", body_errors(refusals))
    assert [each.param for each in details[:2]] == ["body.scenes.0.voice", "body.scenes.1.voice"]
    assert (len(details), details[-1].message) == (
        MAX_LINE_ERRORS + 1,
        "2 more things are wrong with this line.",
    )


async def test_a_line_with_too_many_values_is_refused():
    assert await errors_of(line("a", body={"scenes": [0] * MAX_VALUES})) == [
        (1, None, None, "too_many_values")
    ]


async def test_empty_lines_are_bounded():
    with pytest.raises(ApiError) as refused:
        await read_lines(b"\n" * (MAX_NUMBER + 1), KINDS)
    assert refused.value.code == "batch_too_long"
