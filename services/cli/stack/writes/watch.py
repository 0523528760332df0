"""Starts a server again that takes no writes although its disk has room.

A broker or a store that has met a full disk may refuse writes for ever after, and answer everything else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import ceil
from pathlib import Path

from services.chassis.disk import has_room

INTERVAL_SECONDS = 1.0
UNSUSPECTED_INTERVALS = 15
"""How rarely a server is asked that took the last write, on a disk that has had room since."""
REFUSALS = 3
"""So many in a row, while the disk has room, have a server started again."""
MAX_REFUSALS = 20 * REFUSALS
MIN_ROOM_BYTES = 128 << 20
"""A server that refuses writes on a disk with less room is not to blame."""
FULL_BYTES = 64 << 20
"""A disk with less counts as full: SeaweedFS refuses writes from here on."""
PROBE_SECONDS = 10.0
"""A probe that takes longer, such as one that is not even connected, counts as refused."""


class Disk:
    """The disk on which a server keeps its data. One that cannot be asked has no room, but is not full."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has_room(self) -> bool:
        with suppress(OSError):
            return has_room(self._folder, MIN_ROOM_BYTES)
        return False

    def is_full(self) -> bool:
        with suppress(OSError):
            return not has_room(self._folder, FULL_BYTES)
        return False

    async def wait(self, seconds: float) -> None:
        """Waits so many seconds. If the disk has no room now, ends as soon as it has."""
        if self.has_room():
            return await asyncio.sleep(seconds)
        for _ in range(ceil(seconds / INTERVAL_SECONDS)):
            await asyncio.sleep(INTERVAL_SECONDS)
            if self.has_room():
                return None
        return None


class WriteWatch:
    """Counts the refusals of a server, and says when it must be started again.

    After a start that has not helped, it takes twice as many refusals as before.
    """

    def __init__(self) -> None:
        self._refused = 0
        self._needed = REFUSALS

    def must_restart(self, refusal: str | None, *, room: bool) -> bool:
        if refusal is None:
            self._needed = REFUSALS
        self._refused = self._refused + 1 if refusal is not None and room else 0
        if self._refused < self._needed:
            return False
        self._refused = 0
        self._needed = min(2 * self._needed, MAX_REFUSALS)
        return True


async def watch_writes(
    disk: Disk,
    probe: Callable[[], Awaitable[str | None]],
    restart: Callable[[str], Awaitable[None]],
    interval_seconds: float = INTERVAL_SECONDS,
    probe_seconds: float = PROBE_SECONDS,
) -> None:
    """Calls `restart` with the reason whenever the server must be started again, until it is cancelled.

    That is also when its disk was full and has room again: a part of the server may have failed for good that
    no probe meets, such as one of the indexes of a store.

    `probe` writes, and returns why that failed, `None` if it did not; it raises nothing. It is not called
    while the disk is full.
    """
    watch = WriteWatch()
    was_full, suspected, unasked = False, False, 0
    while True:
        await asyncio.sleep(interval_seconds)
        unasked += 1
        if not disk.has_room():
            was_full = was_full or disk.is_full()
        elif was_full:
            await restart("has met a full disk, which has room again")
            was_full, suspected = False, True
        elif suspected or unasked >= UNSUSPECTED_INTERVALS:
            refusal = await _answer_of(probe, probe_seconds)
            suspected, unasked = refusal is not None, 0
            if watch.must_restart(refusal, room=disk.has_room()):
                await restart(f"takes no writes although its disk has room ({refusal})")


async def _answer_of(probe: Callable[[], Awaitable[str | None]], seconds: float) -> str | None:
    try:
        async with asyncio.timeout(seconds):
            return await probe()
    except TimeoutError:
        return f"no answer within {seconds:g} s"
