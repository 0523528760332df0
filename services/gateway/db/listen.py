"""Listens to PostgreSQL's NOTIFY and wakes the tasks that wait for a change, so that none polls in the hot
path."""

import asyncio
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import asyncpg
import structlog

RECONNECT_SECONDS = 1.0
log = structlog.get_logger()


class Wakeups:
    """An event that remembers whether there was a notification since the last wait."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - the timeout is an answer, not an error
        """Returns whether there was a notification since the last wait, or is one within `timeout`
        seconds."""
        try:
            async with asyncio.timeout(timeout):
                return await self._event.wait()
        except TimeoutError:
            return False
        finally:
            self._event.clear()


class Notifications:
    """One listening connection for the whole process.

    While it is lost, so are notifications: waiting tasks go on at their timeouts, and all are woken when it
    is back.
    """

    def __init__(self, database_url: str, channels: tuple[str, ...]) -> None:
        self._url = database_url
        self._channels = channels
        self._waiting: dict[tuple[str, str], set[Wakeups]] = defaultdict(set)

    @contextmanager
    def subscribe(self, channel: str, payload: str = "") -> Generator[Wakeups]:
        """Yields the wakeups for notifications on the channel that carry this payload."""
        wakeups = Wakeups()
        self._waiting[channel, payload].add(wakeups)
        try:
            yield wakeups
        finally:
            self._waiting[channel, payload].discard(wakeups)
            if not self._waiting[channel, payload]:
                del self._waiting[channel, payload]

    async def run(self) -> None:
        """Listens until it is cancelled; connects again when the connection is lost."""
        while True:
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
                log.warning("database.notifications_lost", error=str(exc))
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        closed = asyncio.Event()
        connection = await asyncpg.connect(self._url, timeout=10)
        try:
            connection.add_termination_listener(lambda _: closed.set())
            for channel in self._channels:
                await connection.add_listener(channel, self._ring)
            self._ring_all()
            await closed.wait()
        finally:
            await connection.close(timeout=5)

    def _ring(self, _connection: Any, _pid: int, channel: str, payload: object) -> None:
        """Wakes the subscribers of each part of a payload, which are separated by commas."""
        for part in str(payload).split(","):
            for wakeups in self._waiting.get((channel, part), ()):
                wakeups.ring()

    def _ring_all(self) -> None:
        for waiting in self._waiting.values():
            for wakeups in waiting:
                wakeups.ring()
