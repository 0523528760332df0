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
        if artifact.key in self._kept and await asyncio.to_thread(_link, self._file(artifact.key), path):
            self._kept.move_to_end(artifact.key)
            return path
        self._kept.pop(artifact.key, None)
        await self._source.fetch(artifact, path)
        await self._keep(artifact, path)
        return path

    async def _keep(self, artifact: Artifact, path: Path) -> None:
        if artifact.key in self._kept or artifact.size_bytes > self._max_bytes:
            return
        if await asyncio.to_thread(_link_read_only, path, self._file(artifact.key)):
            self._kept[artifact.key] = artifact.size_bytes
            await asyncio.to_thread(_remove, [self._file(key) for key in self._surplus()])

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


def _link_read_only(source: Path, target: Path) -> bool:
    source.chmod(0o444)
    return _link(source, target)


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
