"""Reads the lines of a batch, finds the files that they name, and puts assets in their place. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

FILE_FIELDS = (
    "image",
    "audio",
    "avatar.image",
    "conversion.reference",
    "output.background",
    "input_reference.file_id",
)
"""Fields of a request and of its scenes that take the id of an asset."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class FileField:
    """A field of a line that names a file of this machine. `holder[key]` is the name."""

    line: int
    custom_id: str | None
    field: str
    holder: dict[str, Any]
    key: str

    @property
    def name(self) -> str:
        return self.holder[self.key]


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A line of a batch as it was read. `value` is empty if it is no JSON object."""

    number: int
    text: bytes
    value: dict[str, Any]

    @property
    def custom_id(self) -> str | None:
        found: object = self.value.get("custom_id")
        return found if isinstance(found, str) else None


def read_lines(data: bytes) -> list[BatchLine]:
    """Returns all lines, empty ones too. What is no JSON is left to the gateway, which says so."""
    texts = data.removeprefix(BYTE_ORDER_MARK).split(b"\n")
    return [BatchLine(number, text, object_in(text)) for number, text in enumerate(texts, start=1)]


def object_in(text: bytes) -> dict[str, Any]:
    """Returns the JSON object of a line; an empty one if it is no JSON object."""
    try:
        return as_object(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def as_object(value: object) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def file_fields(line: BatchLine) -> Iterator[FileField]:
    """Yields the fields of a line that name a file, and not an asset."""
    body = as_object(line.value.get("body"))
    yield from fields_in(line, body, "body")
    scenes: object = body.get("scenes")
    for index, scene in enumerate(cast(list[object], scenes) if isinstance(scenes, list) else []):
        yield from fields_in(line, as_object(scene), f"body.scenes.{index}")


def fields_in(line: BatchLine, part: dict[str, Any], path: str) -> Iterator[FileField]:
    for field in FILE_FIELDS:
        *outer, key = field.split(".")
        holder = part
        for name in outer:
            holder = as_object(holder.get(name))
        value: object = holder.get(key)
        if isinstance(value, str) and value and not needs_no_upload(key, value):
            yield FileField(line.number, line.custom_id, f"{path}.{field}", holder, key)


def needs_no_upload(key: str, value: str) -> bool:
    """Tells whether the value is the id of an asset, or a background that is no file."""
    if key == "background" and (value == "blur" or value.startswith("#")):
        return True
    return value.startswith("asset_") and "/" not in value and "." not in value


def path_of(field: FileField, folder: Path) -> Path:
    """Returns the file that the field names; relative names are relative to the batch's own folder."""
    return folder / field.name


def with_assets(lines: list[BatchLine], fields: list[FileField], assets: Mapping[str, str]) -> bytes:
    """Returns the lines as JSON Lines, with the ids of assets in place of the files of these names."""
    changed: set[int] = set()
    for field in fields:
        if asset := assets.get(field.name):
            field.holder[field.key] = asset
            changed.add(field.line)
    return b"\n".join(
        json.dumps(line.value).encode() if line.number in changed else line.text for line in lines
    )
