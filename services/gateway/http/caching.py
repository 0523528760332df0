"""Tells caches what they may keep, and answers conditional requests."""

from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.http.auth import ELEVENLABS_KEY_HEADER

NO_STORE = "no-store"
REVALIDATED = "private, no-cache"
"""For responses with an ETag that rarely change: the client may keep them, and asks each time."""
VARY = f"Authorization, {ELEVENLABS_KEY_HEADER}"
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client has it already: `If-None-Match` names its `ETag`."}
}
"""Responses that the API's schema shows for endpoints with an ETag."""
CONDITIONAL = (HTTPStatus.OK, HTTPStatus.FOUND)
HEADERS_OF_A_304 = ("etag", "cache-control", "vary")


class Caching:
    """ASGI middleware that adds `Cache-Control` and `Vary` to responses below `/v1` and `/v2`, which depend
    on the key that was sent.

    A GET gets a 304 in place of a response whose `ETag` its `If-None-Match` names. So does one that would be
    redirected to a file: the redirect stands for the file and carries its ETag.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(("/v1/", "/v2/")):
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).getlist("if-none-match") if scope["method"] in ("GET", "HEAD") else []
        not_modified = False

        async def send_with_headers(message: Message) -> None:
            nonlocal not_modified
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("cache-control", NO_STORE)
                headers.add_vary_header(VARY)
                not_modified = message["status"] in CONDITIONAL and is_known(headers.get("etag"), known)
                message = as_not_modified(message) if not_modified else message
            elif not_modified:
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def etag_of(sha256: str) -> str:
    """Returns the strong ETag of content with this digest."""
    return f'"{sha256}"'


def is_known(etag: str | None, if_none_match: list[str]) -> bool:
    """Returns whether one of the `If-None-Match` headers names the ETag, weakly or strongly."""
    named = [each.strip().removeprefix("W/") for header in if_none_match for each in header.split(",")]
    return etag is not None and ("*" in named or etag.removeprefix("W/") in named)


def as_not_modified(start: Message) -> Message:
    """Returns the start of the 304 that takes the response's place."""
    kept = [(name, value) for name, value in start["headers"] if name.decode() in HEADERS_OF_A_304]
    return {**start, "status": int(HTTPStatus.NOT_MODIFIED), "headers": kept}
