"""Answers of the server itself, to requests that no application sees."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason for which a request or a connection is refused."""

    status: int
    code: str
    message: str
    retry_after: int | None = None
    """Seconds to wait first; `None` if the same request will never be taken."""


Render = Callable[[Refusal], tuple[Headers, bytes]]
"""Returns the headers, without Content-Length, and the body of the answer."""

BAD_REQUEST = Refusal(400, "http_invalid", "This is no valid HTTP/1.1 request.")
BAD_HOST = Refusal(400, "http_invalid", "The request needs one header Host with a name or address.")
UPGRADE_WITH_BODY = Refusal(
    400, "http_invalid", "This server speaks HTTP/1.1 only. Send a body without the header Upgrade."
)
URL_TOO_LONG = Refusal(414, "url_too_long", "The URL is too long. Send less in the query, or ask in parts.")
HEADERS_TOO_LARGE = Refusal(
    431,
    "headers_too_large",
    "The headers of the request are too many or too large. Send fewer or shorter ones.",
)
BAD_FRAMING = Refusal(
    400, "http_invalid", "The body has more framing than content. Send it in larger chunks."
)
TOO_SLOW = Refusal(
    408, "request_too_slow", "The request did not arrive in time. Send it again, without pauses.", 1
)
TOO_MANY_CONNECTIONS = Refusal(
    429,
    "concurrency_limit_reached",
    "Too many connections are open. Close some, or wait for their responses.",
    1,
)


def render_plainly(refusal: Refusal) -> tuple[Headers, bytes]:
    body = {"error": {"code": refusal.code, "message": refusal.message}}
    return [("content-type", "application/json")], json.dumps(body).encode()


def response_bytes(refusal: Refusal, render: Render) -> bytes:
    """Returns the whole response, after which the connection is closed."""
    headers, body = render(refusal)
    lines = [
        f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}",
        *(f"{name}: {value}" for name, value in headers),
        f"content-length: {len(body)}",
        "connection: close",
    ]
    if refusal.retry_after is not None:
        lines.append(f"retry-after: {refusal.retry_after}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
