"""Keeps the inputs of the last stages on disk: the parts of a scene, for example, have one speech."""

import asyncio
import hashlib
import os
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import structlog

from services.chassis.storage import Artifact

log = structlog.get_logger()

MAX_BYTES = 512 << 20


class ArtifactSource(Protocol):
    """The part of the object store that the cache needs."""

    async def fetch(self, artifact: Artifact, path: Path) -> Path:
        """Writes the artifact to `path`, which it returns. Raises `ArtifactMissing`."""
        ...


class InputCache:
    """Up to `max_bytes` of artifacts in `folder`; those that were used longest ago are removed first.

    Stages get hard links, so that a file which is removed here stays with the stage that uses it. An engine
    that is taken over can write through such a link: files whose digest has changed are fetched again.
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
            if await asyncio.to_thread(_link_unchanged, artifact, self._file(artifact.key), path):
                return path
            self._kept.pop(artifact.key, None)
        await self._source.fetch(artifact, path)
        if artifact.size_bytes <= self._max_bytes:
            await self._keep(artifact, path)
        return path

    async def _keep(self, artifact: Artifact, path: Path) -> None:
        # Counted first: a file whose link a thread makes after its caller was cancelled is removed too.
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


def _link_unchanged(artifact: Artifact, source: Path, target: Path) -> bool:
    """Returns False as `_link` does, and if the file is not the artifact any more: then it is removed."""
    if not _link(source, target):
        return False
    if _is_artifact(target, artifact):
        return True
    log.error("worker.cached_input_changed", artifact=artifact.key)
    for path in (source, target):
        path.unlink(missing_ok=True)
    return False


def _is_artifact(path: Path, artifact: Artifact) -> bool:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size != artifact.size_bytes:
            return False
        return hashlib.file_digest(file, "sha256").hexdigest() == artifact.sha256


def _replace(surplus: Iterable[Path], source: Path, target: Path) -> None:
    """Removes files, and links another one, read-only from now on."""
    for file in surplus:
        file.unlink(missing_ok=True)
    source.chmod(0o444)
    _link(source, target)
