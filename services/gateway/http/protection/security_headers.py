"""Adds to every response the headers that tell browsers to do nothing with it that it is not for."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = b"content-security-policy"
NOTHING = b"default-src 'none'; frame-ancestors 'none'"
"""Policy of everything that is no page: should a browser show it as one, it can load and run nothing."""
HEADERS: Sequence[tuple[bytes, bytes]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """ASGI middleware. A response that brings a policy of its own keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        secure = scope.get("scheme") == "https"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = completed(message.get("headers", ()), secure=secure)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def completed(headers: Sequence[tuple[bytes, bytes]], *, secure: bool) -> list[tuple[bytes, bytes]]:
    policy = () if any(name == CONTENT_SECURITY_POLICY for name, _ in headers) else POLICY
    return [*headers, *HEADERS, *policy, *((HSTS,) if secure else ())]


POLICY = ((CONTENT_SECURITY_POLICY, NOTHING),)
