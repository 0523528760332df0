"""Answers HEAD as GET without the body, OPTIONS with the allowed methods, and names these in every 405."""

import asyncio
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.routing import Match, Mount, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Methods:
    """ASGI middleware for the methods that no endpoint defines."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope.get("method"):
            case "HEAD":
                await self._respond_to_head(scope, receive, with_allow(scope, send))
            case "OPTIONS" if allowed := allowed_methods(scope):
                await Response(status_code=204, headers={"allow": allowed})(scope, receive, send)
            case _:
                await self._app(scope, receive, with_allow(scope, send))

    async def _respond_to_head(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the GET up to its response's headers.

        A response without a length may be endless: it is cancelled before its body begins. Endpoints that
        begin their work earlier, as streams of events do, ask `is_head`.
        """
        scope.setdefault("state", {})["is_head"] = True
        get: Scope = {**scope, "method": "GET"}
        until_headers = asyncio.timeout(None)

        async def send_headers(message: Message) -> None:
            if message["type"] != "http.response.start":
                return
            await send(message)
            await send({"type": "http.response.body"})
            if "content-length" not in Headers(raw=message["headers"]):
                until_headers.reschedule(asyncio.get_running_loop().time())
                await asyncio.Event().wait()  # until the cancellation arrives

        try:
            async with until_headers:
                await self._app(get, receive, send_headers)
        except TimeoutError:
            if not until_headers.expired():
                raise
        finally:
            scope["route"] = get.get("route")  # for the log and the metrics


def is_head(scope: Scope) -> bool:
    """Returns whether the client has sent HEAD, which endpoints see as GET."""
    return scope.get("state", {}).get("is_head", False)


def with_allow(scope: Scope, send: Send) -> Send:
    """Returns a `send` that adds the header `Allow` to a 405."""
    received = {**scope}  # routing changes the scope of a mounted application

    async def send_with_allow(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == HTTPStatus.METHOD_NOT_ALLOWED:
            MutableHeaders(scope=message)["allow"] = allowed_methods(received)
        await send(message)

    return send_with_allow


def allowed_methods(scope: Scope) -> str:
    """Returns the methods of the path as the header `Allow` lists them; an empty string if it is unknown."""
    router: Router = scope["app"].router
    found = {method for method in METHODS if has_route(router, {**scope, "method": method})}
    if not found:
        return ""
    implied = {"HEAD", "OPTIONS"} if "GET" in found else {"OPTIONS"}
    return ", ".join(sorted(found | implied))


def has_route(router: Router, scope: Scope) -> bool:
    return any(
        route.matches(scope)[0] is Match.FULL
        for route in router.routes
        if scope["method"] == "GET" or not isinstance(route, Mount)  # files, which can only be read
    )
