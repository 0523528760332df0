"""A NATS connection that recovers by itself, with translated errors."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import nats.errors
import structlog
from nats.aio.subscription import Subscription

from services.chassis.bus.errors import TranslatedErrors
from services.chassis.bus.nats.client import FastHeaderClient

log = structlog.get_logger()

_TOKEN = re.compile(r"[A-Za-z0-9_-]+")

CONNECT_SECONDS = 120.0
"""Time limit at the start of a service: a broker that recovers from a crash takes its time."""
PING_SECONDS = 20
"""Ping interval. A server that answers neither of two pings is given up, and another one is tried."""
REPLY_SECONDS = 5.0
"""Time limit of any single exchange with the broker, a reconnection included."""


def translated_errors(doing: str) -> TranslatedErrors:
    """Returns a context manager that raises `BusUnavailable` in place of errors of nats-py."""
    return TranslatedErrors(doing, _is_broker_error)


def _is_broker_error(error: BaseException) -> bool:
    return isinstance(error, (nats.errors.Error, OSError, TimeoutError))


def inbox_prefix(url: str) -> str:
    """Returns the prefix of the subjects on which the client gets answers: its user's own, which permissions
    can keep others from reading."""
    user = urlsplit(url.split(",")[0]).username or ""
    return f"_INBOX.{user}" if _TOKEN.fullmatch(user) else "_INBOX"


class NatsConnection:
    """The connection of a bus and its callbacks on loss and reconnection."""

    def __init__(self) -> None:
        self.client = FastHeaderClient()
        self._connected = asyncio.Event()
        self._lost: set[Callable[[], object]] = set()
        self._reconnected: set[Callable[[], None]] = set()

    async def open(self, url: str, *, name: str) -> None:
        """Connects. Raises `BusUnavailable` if no server of the comma-separated `url` answers in time."""
        with translated_errors("accept a connection"):
            async with asyncio.timeout(CONNECT_SECONDS):
                await self.client.connect(
                    url.split(","),
                    name=name,
                    inbox_prefix=inbox_prefix(url),
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=1,
                    ping_interval=PING_SECONDS,
                    max_outstanding_pings=2,
                    pending_size=0,  # buffer nothing while disconnected: callers decide what is sent late
                    error_cb=_report_error,
                    disconnected_cb=self._handle_disconnected,
                    reconnected_cb=self._handle_reconnected,
                )
        self._connected.set()

    async def ready(self) -> None:
        """Waits for the end of a short disconnection. Raises `BusUnavailable` if it takes longer."""
        if self._is_ready():
            return
        with translated_errors("come back in time"):
            if self.client.is_closed:
                raise nats.errors.ConnectionClosedError
            async with asyncio.timeout(REPLY_SECONDS):
                while not self._is_ready():
                    await self._connected.wait()

    def _is_ready(self) -> bool:
        """Tells whether the connection is up; the client knows of a loss a moment before its callback."""
        if not self.client.is_connected:
            self._connected.clear()
        return self._connected.is_set()

    def on_lost(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Calls `callback` at every loss, before anything is sent to the next server, until the returned
        function is called.
        """
        self._lost.add(callback)
        return lambda: self._lost.discard(callback)

    def on_reconnected(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls `callback` after every reconnection, until the returned function is called."""
        self._reconnected.add(callback)
        return lambda: self._reconnected.discard(callback)

    async def subscribe(self, subject: str, callback: Callable[..., Awaitable[None]]) -> Subscription:
        """Subscribes to `subject`; `callback` gets every message."""
        return await self.client.subscribe(subject, cb=callback)  # pyright: ignore[reportUnknownMemberType]

    async def close(self) -> None:
        await self.client.close()

    async def _handle_disconnected(self) -> None:
        self._connected.clear()
        log.warning("bus.disconnected")
        for callback in tuple(self._lost):
            callback()

    async def _handle_reconnected(self) -> None:
        self._connected.set()
        log.info("bus.reconnected")
        for callback in tuple(self._reconnected):
            callback()


async def _report_error(error: Exception) -> None:
    log.warning("bus.error", error=str(error), kind=type(error).__name__)
