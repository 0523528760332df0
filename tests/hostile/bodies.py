"""Builds the bodies of requests that are large, deep or contradictory."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

MEBIBYTE = 1 << 20
JSON = {"Content-Type": "application/json"}
JSON_LINES = {"Content-Type": "application/jsonl"}
BOUNDARY = "x"


def unknown_keys(count: int) -> dict[str, int]:
    return {f"k{number}": 0 for number in range(count)}


def listed(value: str, count: int) -> str:
    """Returns the JSON of a list that has the value `count` times."""
    return f"[{','.join([value] * count)}]"


def line(body: Any, custom_id: str = "a", url: str = "/v1/audio/jobs") -> str:
    """Returns the line of a batch."""
    return json.dumps({"custom_id": custom_id, "url": url, "body": body})


def form(parts: Sequence[tuple[str, bytes]], content_type: str = "") -> tuple[bytes, Mapping[str, str]]:
    """Returns a form of these parts, each with what its header says, and the headers of the request.

    `content_type` is added to the form's own.
    """
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
    body = b"".join(f"{head}{said}\r\n\r\n".encode() + data + b"\r\n" for said, data in parts)
    kind = f"multipart/form-data; boundary={BOUNDARY}{content_type}"
    return body + f"--{BOUNDARY}--\r\n".encode(), {"Content-Type": kind}
