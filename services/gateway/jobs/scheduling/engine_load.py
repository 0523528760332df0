"""Caches how many stages of each engine are in flight."""

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from services.gateway.jobs.domain.models import EngineKey
from services.gateway.jobs.scheduling.admission import EngineLoad

FULL_SECONDS = 0.1
"""A load that says its engine is full is believed for so long only: another gateway may have freed a
place."""
ReadLoads = Callable[[Collection[EngineKey]], Awaitable[Mapping[EngineKey, EngineLoad]]]


class EngineLoadCache:
    """Cached in-flight counts per engine.

    Local changes are applied immediately; counts of other gateways are refreshed after `fresh_seconds` or
    when the engine looks full.
    """

    def __init__(self, *, fresh_seconds: float) -> None:
        self._fresh = fresh_seconds
        self._loads: dict[EngineKey, tuple[EngineLoad, float]] = {}

    async def loads(self, engines: Iterable[EngineKey], read: ReadLoads) -> dict[EngineKey, EngineLoad]:
        """Returns the load of each engine; those that are not fresh are read first."""
        wanted = set(engines)
        stale = {engine for engine in wanted if self._is_stale(engine)}
        if stale:
            found = await read(stale)
            self._loads |= {engine: (load, time.monotonic()) for engine, load in found.items()}
        return {engine: self._loads[engine][0] for engine in wanted}

    def count(self, flights: Mapping[EngineKey, Iterable[tuple[str, int]]]) -> None:
        """Applies committed changes: for each engine the workspaces and how many stages more they have in
        flight, or, if negative, less."""
        for engine, changes in flights.items():
            if engine in self._loads:
                load, read_at = self._loads[engine]
                self._loads[engine] = (load.changed(changes), read_at)

    def mark(self, engines: Iterable[EngineKey], *, backlog: bool) -> None:
        """Notes whether ready stages wait for these engines."""
        for engine in engines:
            if engine in self._loads:
                load, read_at = self._loads[engine]
                self._loads[engine] = (load.with_backlog(backlog), read_at)

    def forget(self) -> None:
        """Drops everything, after a transaction whose outcome is not known."""
        self._loads.clear()

    def _is_stale(self, engine: EngineKey) -> bool:
        if engine not in self._loads:
            return True
        load, read_at = self._loads[engine]
        age = time.monotonic() - read_at
        return age >= self._fresh or (load.room == 0 and age >= FULL_SECONDS)
