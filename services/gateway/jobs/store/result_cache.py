"""Checks that the artifacts of cached results are still in the object store."""

import asyncio
import time
from collections.abc import Iterable
from typing import Protocol

from services.chassis.storage import Artifact
from services.gateway.jobs.domain.events import KnownResult

TRUST_SECONDS = 60.0
"""Time for which an artifact that was seen in the store is trusted to be there."""
MAX_TRUSTED = 10_000
"""Artifacts that are remembered; beyond that number all are forgotten."""


class ObjectSizes(Protocol):
    """The part of the object store that the check needs."""

    async def head(self, key: str) -> int | None:
        """Returns the size in bytes, `None` if there is no such object. Raises `StoreUnavailable`."""
        ...


class ResultCheck:
    """Remembers for `TRUST_SECONDS` which artifacts it has seen in the store."""

    def __init__(self, store: ObjectSizes) -> None:
        self._store = store
        self._seen: dict[str, float] = {}

    def trusts(self, known: KnownResult) -> bool:
        """Tells whether all artifacts of the result were seen in the store lately."""
        since = time.monotonic() - TRUST_SECONDS
        return all(self._seen.get(artifact.key, 0.0) > since for artifact in known.outputs.values())

    def distrust(self, keys: Iterable[str]) -> None:
        """Forgets artifacts that a worker has found gone or damaged."""
        for key in keys:
            self._seen.pop(key, None)

    async def lost(self, results: Iterable[KnownResult]) -> set[str]:
        """Returns the keys of artifacts that are gone or have another size. Raises `StoreUnavailable`."""
        artifacts = {each.key: each for known in results for each in known.outputs.values()}
        intact = await asyncio.gather(*(self._is_intact(artifact) for artifact in artifacts.values()))
        self._remember(key for key, found in zip(artifacts, intact, strict=True) if found)
        return {key for key, found in zip(artifacts, intact, strict=True) if not found}

    async def _is_intact(self, artifact: Artifact) -> bool:
        return await self._store.head(artifact.key) == artifact.size_bytes

    def _remember(self, keys: Iterable[str]) -> None:
        if len(self._seen) > MAX_TRUSTED:
            self._seen.clear()
        self._seen |= dict.fromkeys(keys, time.monotonic())
