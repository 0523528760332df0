"""Bounds the requests of each client: how many in a minute, and how many at once."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.http_server.addresses import client_group
from services.gateway.accounts.repository import hash_key
from services.gateway.http.errors import ApiError
from services.gateway.http.exception_handlers import error_response
from services.gateway.http.guarded_route import key_of
from services.gateway.http.request_context import is_quiet
from services.gateway.settings import GatewaySettings

WINDOW_SECONDS = 60.0
MAX_CLIENTS = 10_000
"""Clients that are remembered; the one that has been away for longest is forgotten first."""
AGAIN_SECONDS = 1
"""Time after which a client may try again that has too many requests at once."""
STREAMS = "/events"
"""End of the paths that stay open for long and do little."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Limits of one client: of each API key, and of each address for requests without a key, and again for
    those whose key is not known."""

    per_minute: int = 60_000
    per_minute_of_address: int = 60_000
    at_once: int = 2_000
    streams: int = 4_000
    """Streams of events at once."""


DEVELOPMENT = RequestLimits()
"""Enough for tests and benchmarks on one machine."""
PRODUCTION = RequestLimits(per_minute=6_000, per_minute_of_address=600, at_once=200, streams=1_000)


def request_limits_by(settings: GatewaySettings) -> RequestLimits:
    """Returns the limits that the settings give, with the defaults of their environment."""
    default = DEVELOPMENT if settings.environment == "dev" else PRODUCTION
    return RequestLimits(
        per_minute=settings.requests_per_minute or default.per_minute,
        per_minute_of_address=settings.anonymous_requests_per_minute or default.per_minute_of_address,
        at_once=settings.requests_at_once or default.at_once,
        streams=settings.streams_at_once or default.streams,
    )


class Allowance:
    """Requests that a client may send now: a token bucket that a minute fills."""

    __slots__ = ("_left", "_updated", "limit")

    def __init__(self, limit: int, now: float) -> None:
        self.limit = limit
        self._left = float(limit)
        self._updated = now

    def take(self, now: float) -> bool:
        """Returns whether there was a request left, which is now used."""
        gained = (now - self._updated) * self.limit / WINDOW_SECONDS
        self._left = min(float(self.limit), self._left + gained)
        self._updated = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    @property
    def remaining(self) -> int:
        return int(self._left)

    @property
    def reset_seconds(self) -> int:
        """Seconds until all requests are allowed again."""
        return math.ceil((self.limit - self._left) * WINDOW_SECONDS / self.limit)

    @property
    def wait_seconds(self) -> int:
        """Seconds until the next request is allowed."""
        return max(1, math.ceil((1 - self._left) * WINDOW_SECONDS / self.limit))


class Client:
    """Counts what one client has under way, and what it may still send."""

    __slots__ = ("allowance", "at_once")

    def __init__(self, per_minute: int, now: float) -> None:
        self.allowance = Allowance(per_minute, now)
        self.at_once = [0, 0]
        """Requests and streams."""


class Clients:
    """Clients by their key's digest or by their address; at most `MAX_CLIENTS`."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._clients: OrderedDict[str | bytes, Client] = OrderedDict()

    def __contains__(self, name: str | bytes) -> bool:
        return name in self._clients

    def find(self, name: str | bytes, now: float) -> Client:
        """Returns the client, which is new if it was not known."""
        client = self._clients.get(name)
        if client is None:
            client = self._clients[name] = Client(self._per_minute, now)
            if len(self._clients) > MAX_CLIENTS:
                self._clients.popitem(last=False)
        else:
            self._clients.move_to_end(name)
        return client

    def forget(self, name: str | bytes) -> None:
        self._clients.pop(name, None)


class RateLimits:
    """ASGI middleware that refuses requests beyond the limits of their client with a 429, and tells every
    client what is left.

    A request counts for its key, if that has opened a workspace of this process before, and otherwise for its
    address, where requests with a key are counted apart from those without. A flood without keys keeps no key
    out. A flood of made-up keys keeps out, until it ends, keys from the same address that have not been used
    with this process yet. The counts are this process's own.
    """

    def __init__(
        self, app: ASGIApp, limits: RequestLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._limits = limits
        self._clock = clock
        self._keys = Clients(limits.per_minute)
        self._without_key = Clients(limits.per_minute_of_address)
        self._unknown_key = Clients(limits.per_minute_of_address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_quiet(scope):
            await self._app(scope, receive, send)
            return
        key = key_of(Headers(scope=scope))
        digest = hash_key(key) if key else None
        client = self._client_of(scope, digest)
        send = self._telling(scope, client, digest, send)
        is_stream = scope["path"].endswith(STREAMS)
        if (refusal := self._refusal(client, is_stream=is_stream)) is not None:
            await error_response(Request(scope), refusal)(scope, receive, send)
            return
        client.at_once[is_stream] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            client.at_once[is_stream] -= 1

    def _client_of(self, scope: Scope, digest: bytes | None) -> Client:
        if digest is not None and digest in self._keys:
            return self._keys.find(digest, self._clock())
        host = scope["client"][0] if scope.get("client") else ""
        addresses = self._without_key if digest is None else self._unknown_key
        return addresses.find(client_group(host), self._clock())

    def _refusal(self, client: Client, *, is_stream: bool) -> ApiError | None:
        """Returns why the client may not send this request now; `None` if it may."""
        limit = self._limits.streams if is_stream else self._limits.at_once
        if client.at_once[is_stream] >= limit:
            message = f"There are {limit} requests under way already. Wait for some of their responses."
            return ApiError(
                429, "concurrency_limit_reached", message, retry_later=True, retry_after=AGAIN_SECONDS
            )
        if not client.allowance.take(self._clock()):
            message = f"More than {client.allowance.limit} requests a minute. Send them more slowly."
            wait = client.allowance.wait_seconds
            return ApiError(429, "rate_limit_exceeded", message, retry_later=True, retry_after=wait)
        return None

    def _telling(self, scope: Scope, client: Client, digest: bytes | None, send: Send) -> Send:
        """Returns a `send` that adds what is left to the response, and learns from it whether the key is
        good."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers_of(client.allowance)]
                if digest is not None:
                    self._learn(digest, message["status"], opened="workspace" in scope.get("state", ()))
            await send(message)

        return send_with_headers

    def _learn(self, digest: bytes, status: int, *, opened: bool) -> None:
        if opened:
            self._keys.find(digest, self._clock())
        elif status == 401:
            self._keys.forget(digest)


def headers_of(allowance: Allowance) -> list[tuple[bytes, bytes]]:
    return [
        (b"ratelimit-limit", b"%d" % allowance.limit),
        (b"ratelimit-remaining", b"%d" % allowance.remaining),
        (b"ratelimit-reset", b"%d" % allowance.reset_seconds),
    ]
