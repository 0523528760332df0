"""Keeps the inputs of the last stages on disk: the parts of a scene, for example, have one speech."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from services.chassis.storage import Artifact

MAX_BYTES = 512 << 20


class ArtifactSource(Protocol):
    """The part of the object store that the cache needs."""

    async def fetch(self, artifact: Artifact, path: Path) -> Path:
        """Writes the artifact to `path`, which it returns. Raises `ArtifactMissing`."""
        ...


class InputCache:
    """Up to `max_bytes` of artifacts in `folder`; those that were used longest ago are removed first.

    Stages get hard links, so that a file which is removed here stays with the stage that uses it. No engine
    writes to its inputs; they are read-only.
    """

    def __init__(self, source: ArtifactSource, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._source = source
        self._folder = folder
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, int] = OrderedDict()

    async def fetch(self, artifact: Artifact, path: Path) -> Path:
        """Puts the artifact at `path`, which it returns. Raises `ArtifactMissing`."""
        if artifact.key in self._kept:
            # Before anything is awaited: a fetch beside this one may remove what was used longest ago.
            self._kept.move_to_end(artifact.key)
            if await asyncio.to_thread(_link, self._file(artifact.key), path):
                return path
            self._kept.pop(artifact.key, None)
        await self._source.fetch(artifact, path)
        if artifact.size_bytes <= self._max_bytes:
            await self._keep(artifact, path)
        return path

    async def _keep(self, artifact: Artifact, path: Path) -> None:
        # Counted first: a file whose link is made by a thread that nobody waits for any more is removed too.
        self._kept[artifact.key] = artifact.size_bytes
        self._kept.move_to_end(artifact.key)
        surplus = [self._file(key) for key in self._surplus()]
        await asyncio.to_thread(_replace, surplus, path, self._file(artifact.key))

    def _surplus(self) -> list[str]:
        """Forgets the artifacts that are too many, and returns their keys."""
        surplus: list[str] = []
        while sum(self._kept.values()) > self._max_bytes:
            surplus.append(self._kept.popitem(last=False)[0])
        return surplus

    def _file(self, key: str) -> Path:
        return self._folder / key.replace("/", "_")


def _link(source: Path, target: Path) -> bool:
    """Returns False if the source is gone, the target is there, or the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def _replace(surplus: Iterable[Path], source: Path, target: Path) -> None:
    """Removes files, and links another one, read-only from now on."""
    for file in surplus:
        file.unlink(missing_ok=True)
    source.chmod(0o444)
    _link(source, target)
