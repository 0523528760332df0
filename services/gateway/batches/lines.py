"""Reads the JSON Lines of a batch."""

import asyncio
import io
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import Any, cast

from pydantic import ConfigDict, Field, ValidationError

from services.chassis.text.quoted import quoted
from services.gateway.batches.refusal import MAX_CUSTOM_ID, BatchRefused, line_errors
from services.gateway.http.errors import ApiError, ErrorDetail, invalid
from services.gateway.http.json_body import value_of
from services.gateway.http.validation import details_of
from services.gateway.jobs.kinds import AnyKind, Kinds
from services.gateway.jobs.request import JobRequest, Strict

MAX_LINES = 1000
MAX_NUMBER = 10 * MAX_LINES
"""Number of the last line that may be there, because empty lines count in it."""
ESCAPED_NUL = b"\\u0000"
"""The only form in which JSON may have a NUL."""
MAX_SCENES = 5000
"""Limit of the scenes in all jobs of a batch together."""
DEFAULT_URL = "/v1/videos"


class BatchLine(Strict):
    """One line of a batch: a job to run, and your name for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "custom_id": "greeting-1",
                    "body": {"script": "Hello!", "image": "asset_5f2b7c9d1e3a4b6c8d0e1f2a"},
                },
                {
                    "custom_id": "greeting-2",
                    "method": "POST",
                    "url": "/v1/audio/jobs",
                    "body": {"script": "Hello!", "metadata": {"campaign": "spring"}},
                },
            ]
        }
    )

    custom_id: str = Field(min_length=1, max_length=MAX_CUSTOM_ID, description="Unique in the batch.")
    method: str = Field(default="POST", description="Ignored: as in OpenAI's batch files.")
    url: str = Field(
        default=DEFAULT_URL, description="The URL that creates such a job, such as /v1/audio/jobs."
    )
    body: dict[str, Any] = Field(description="As `POST` to the URL takes it.")


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line with a valid request. `number` counts from 1, as editors do."""

    number: int
    custom_id: str
    kind: AnyKind
    request: JobRequest


@dataclass(slots=True)
class ReadLines:
    """The lines whose request is valid, and everything that is wrong in all lines.

    A line of which only the frame is wrong, such as its `custom_id`, is in both: its request is still worth
    being checked.
    """

    lines: list[ReadLine] = field(default_factory=list[ReadLine])
    errors: list[ErrorDetail] = field(default_factory=list[ErrorDetail])


async def read_lines(data: bytes, kinds: Kinds) -> ReadLines:
    """Reads the batch's lines, except for empty ones. Raises a 422 if there are none, or too many lines or
    scenes."""
    texts = list(islice(numbered(data), MAX_LINES + 1))
    if not texts:
        raise invalid("batch_empty", "The batch has no lines. Send one JSON object a line.", None)
    if len(texts) > MAX_LINES:
        message = f"A batch has at most {MAX_LINES} lines; this one has more. Send several batches."
        raise invalid("batch_too_long", message, None)
    urls = kinds.by_url()
    read = ReadLines()
    first: dict[str, int] = {}
    for number, text in texts:
        await read_line(number, text, urls, first, read)
        await asyncio.sleep(0)  # a thousand lines take a while: other tasks run in between
    check_scenes(read)
    return read


def numbered(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the lines that are not empty with their numbers; skips a byte order mark.

    Raises a 422 if there are more than `MAX_NUMBER` lines, with the empty ones.
    """
    for number, line in enumerate(io.BytesIO(data.removeprefix(b"\xef\xbb\xbf")), start=1):
        if number > MAX_NUMBER:
            message = f"A batch has at most {MAX_NUMBER} lines, with empty ones. Leave those out."
            raise invalid("batch_too_long", message, None)
        if text := line.strip():
            yield number, text


async def read_line(
    number: int, text: bytes, urls: Mapping[str, AnyKind], first: dict[str, int], read: ReadLines
) -> None:
    """Adds the line's request, its errors, or both, to what was read.

    `first` has the first line of each `custom_id`; this one's is added.
    """
    try:
        value = await value_of(text)
    except ValueError as exc:
        read.errors += line_errors(number, None, [error("invalid_json", f"This is not valid JSON: {exc}.")])
        return
    except ApiError as exc:
        read.errors += line_errors(number, None, exc.details)
        return
    custom_id = text_in(value, "custom_id")
    errors = frame_errors(value)
    if custom_id is not None and (earlier := first.setdefault(custom_id, number)) != number:
        message = f"Line {earlier} has the same custom_id. Give each line one of its own."
        errors.append(error("custom_id_repeated", message, "custom_id"))
    kind, request = request_of(value, urls, errors)
    if ESCAPED_NUL in text and contains_nul(value):
        errors.append(error("invalid_request", "It holds a NUL character. Leave it out."))
        request = None
    read.errors += line_errors(number, custom_id, errors)
    if kind is not None and request is not None:
        read.lines.append(ReadLine(number, custom_id or "", kind, as_batch_work(request)))


def frame_errors(value: Any) -> list[ErrorDetail]:
    """Returns what is wrong with the fields of a line."""
    try:
        BatchLine.model_validate(value)
    except ValidationError as exc:
        return details_of(exc)
    return []


def request_of(
    value: Any, urls: Mapping[str, AnyKind], errors: list[ErrorDetail]
) -> tuple[AnyKind | None, JobRequest | None]:
    """Returns the kind and the request of a line, `None` for what is invalid, whose errors it adds."""
    body = cast(dict[str, Any], value).get("body") if isinstance(value, dict) else None
    if not isinstance(body, dict):
        return None, None
    url = cast(dict[str, Any], value).get("url", DEFAULT_URL)
    if not isinstance(url, str):
        return None, None
    kind = urls.get(url)
    if kind is None:
        message = f"There is nothing to ask for at {quoted(url)}. Give one of {', '.join(urls)}."
        errors.append(error("url_unknown", message, "url"))
        return None, None
    try:
        request: JobRequest = kind.request.model_validate(body)
    except ValidationError as exc:
        errors += details_of(exc, "body.")
        return kind, None
    if (name := request.inline_file()) is not None:
        message = "A batch takes no images in its lines. Upload them with POST /v1/assets; give file_id."
        errors.append(error("image_url_unsupported", message, f"body.{name}"))
        return kind, None
    if request.dry_run:
        message = f"A batch creates all of its jobs. Ask for an estimate with POST {kind.url}/estimate."
        errors.append(error("dry_run_unsupported", message, "body.dry_run"))
        return kind, None
    return kind, request


def error(code: str, message: str, param: str | None = None) -> ErrorDetail:
    return ErrorDetail(code=code, message=message, param=param)


def as_batch_work(request: JobRequest) -> JobRequest:
    """Returns the request with the priority of a batch, unless it names one itself."""
    if "priority" in request.model_fields_set:
        return request
    return request.model_copy(update={"priority": "batch"})


def text_in(value: Any, name: str) -> str | None:
    """Returns the text in that field of a line that may be invalid; `None` if there is none."""
    found = cast(dict[str, Any], value).get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def contains_nul(value: Any) -> bool:
    """Returns whether any text in the value contains a NUL.

    PostgreSQL stores no text with a NUL, and its error would not say which line contains it.
    """
    match value:
        case str():
            return "\0" in value
        case list():
            return any(contains_nul(each) for each in value)  # pyright: ignore[reportUnknownVariableType]
        case dict():
            return any(contains_nul(each) for pair in value.items() for each in pair)  # pyright: ignore[reportUnknownVariableType]
        case _:
            return False


def check_scenes(read: ReadLines) -> None:
    """Raises a 422 if the jobs have more than `MAX_SCENES` scenes together.

    If lines are wrong too, it has their errors as well, and this one at the line that exceeds the limit.
    """
    counts = list(accumulate(line.request.scene_count for line in read.lines))
    over = bisect_right(counts, MAX_SCENES)
    if over == len(counts):
        return
    message = (
        f"A batch has at most {MAX_SCENES} scenes in all; this one has {counts[-1]}. Send several batches."
    )
    if not read.errors:
        raise invalid("batch_too_long", message, None)
    first = read.lines[over]
    too_long = line_errors(first.number, first.custom_id or None, [error("batch_too_long", message)])
    raise BatchRefused([*read.errors, *too_long])
