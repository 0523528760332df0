"""Reads the JSON Lines of a batch."""

import asyncio
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from services.gateway.batches.refusal import BatchRefused, LineError, validation_errors
from services.gateway.http.errors import invalid
from services.gateway.jobs.kinds import AnyKind, Kinds
from services.gateway.jobs.request import JobRequest, Strict

MAX_LINES = 1000
MAX_SCENES = 5000
"""Limit of the scenes in all jobs of a batch together."""
DEFAULT_URL = "/v1/videos"
M = TypeVar("M", bound=BaseModel)


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

    custom_id: str = Field(min_length=1, max_length=200, description="Unique in the batch.")
    method: str = Field(default="POST", description="Ignored: as in OpenAI's batch files.")
    url: str = Field(
        default=DEFAULT_URL, description="The URL that creates such a job, such as /v1/audio/jobs."
    )
    body: dict[str, Any] = Field(description="As `POST` to the URL takes it.")


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A valid line. `number` counts from 1, as editors do."""

    number: int
    custom_id: str
    kind: AnyKind
    request: JobRequest


async def read_lines(data: bytes, kinds: Kinds) -> list[ReadLine]:
    """Returns the batch's lines, without empty ones. Raises `BatchRefused` with everything that is wrong in
    them."""
    texts = list(islice(numbered(data), MAX_LINES + 1))
    if not texts:
        raise invalid("batch_empty", "The batch has no lines. Send one JSON object a line.", None)
    if len(texts) > MAX_LINES:
        message = f"A batch has at most {MAX_LINES} lines; this one has more. Send several batches."
        raise invalid("batch_too_long", message, None)
    urls = kinds.by_url()
    read: list[ReadLine] = []
    errors: list[LineError] = []
    for number, text in texts:
        try:
            read.append(read_line(number, text, urls))
        except BatchRefused as exc:
            errors += exc.errors
        await asyncio.sleep(0)  # a thousand lines take a while: other tasks run in between
    errors += repeated_ids(read)
    if errors:
        raise BatchRefused(errors)
    check_scenes(read)
    return read


def numbered(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the lines that are not empty with their numbers; skips a byte order mark."""
    for number, line in enumerate(io.BytesIO(data.removeprefix(b"\xef\xbb\xbf")), start=1):
        if text := line.strip():
            yield number, text


def read_line(number: int, text: bytes, urls: Mapping[str, AnyKind]) -> ReadLine:
    """Returns the line's request and kind. Raises `BatchRefused` with the errors in the line."""
    try:
        value: Any = from_json(text)
    except ValueError as exc:
        raise refused(number, None, "invalid_json", f"This is not valid JSON: {exc}.") from exc
    custom_id = custom_id_of(value)
    if contains_nul(value):
        raise refused(number, custom_id, "invalid_request", "It holds a NUL character. Leave it out.")
    line = validated(BatchLine, value, number, custom_id)
    kind = urls.get(line.url)
    if kind is None:
        message = f"There is nothing to ask for at {line.url!r}. Give one of {', '.join(urls)}."
        raise refused(number, custom_id, "url_unknown", message, "url")
    request = validated(kind.request, line.body, number, custom_id, "body.")
    if (field := request.inline_file()) is not None:
        message = "A batch takes no images in its lines. Upload them with POST /v1/assets; give file_id."
        raise refused(number, custom_id, "image_url_unsupported", message, f"body.{field}")
    return ReadLine(number, line.custom_id, kind, as_batch_work(request))


def validated(model: type[M], value: Any, number: int, custom_id: str | None, path: str = "") -> M:
    """Returns the value as the model. Raises `BatchRefused`; `path` stands before the names of wrong
    fields."""
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        raise BatchRefused(validation_errors(number, custom_id, exc, path)) from exc


def as_batch_work(request: JobRequest) -> JobRequest:
    """Returns the request with the priority of a batch, unless it names one itself."""
    if "priority" in request.model_fields_set:
        return request
    return request.model_copy(update={"priority": "batch"})


def custom_id_of(value: Any) -> str | None:
    """Returns the `custom_id` of a line that may be invalid; `None` if it has none."""
    found: object = value.get("custom_id") if isinstance(value, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
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


def refused(
    number: int, custom_id: str | None, code: str, message: str, field: str | None = None
) -> BatchRefused:
    error = LineError(line=number, custom_id=custom_id, field=field, code=code, message=message)
    return BatchRefused([error])


def repeated_ids(lines: list[ReadLine]) -> Iterator[LineError]:
    """Yields an error for each line whose `custom_id` an earlier line has."""
    first: dict[str, int] = {}
    for line in lines:
        earlier = first.setdefault(line.custom_id, line.number)
        if earlier != line.number:
            message = f"Line {earlier} has the same custom_id. Give each line one of its own."
            yield LineError(
                line=line.number,
                custom_id=line.custom_id,
                field="custom_id",
                code="custom_id_repeated",
                message=message,
            )


def check_scenes(lines: list[ReadLine]) -> None:
    """Raises a 422 if the jobs have more than `MAX_SCENES` scenes together."""
    scenes = sum(line.request.scene_count for line in lines)
    if scenes > MAX_SCENES:
        message = (
            f"A batch has at most {MAX_SCENES} scenes in all; this one has {scenes}. Send several batches."
        )
        raise invalid("batch_too_long", message, None)
