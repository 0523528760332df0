"""Bounds how many uploads are under way, and the room that they take on the gateway's disk."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager

from services.gateway.http.errors import ApiError

COPIES = 2
"""A file is on the disk twice: as the form's, and alone in its folder."""
KEPT_FREE_BYTES = 256 << 20


class UploadAdmission:
    """Admits uploads before their bodies are read. A workspace takes at most half of the room."""

    def __init__(
        self,
        *,
        per_workspace: int,
        disk_bytes: int,
        free_bytes: Callable[[], int] = lambda: shutil.disk_usage(tempfile.gettempdir()).free,
    ) -> None:
        self._per_workspace = per_workspace
        self._disk_bytes = disk_bytes
        self._free_bytes = free_bytes
        self._uploads: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    @contextmanager
    def admitted(self, workspace: str, size: int) -> Generator[None]:
        """Holds the room for a file of `size` bytes at most.

        Raises a 429 if the workspace has too much under way, a 503 if there is no room for it.
        """
        room = COPIES * size
        self._check(workspace, room)
        self._uploads[workspace] += 1
        self._bytes[workspace] += room
        try:
            yield
        finally:
            self._uploads[workspace] -= 1
            self._bytes[workspace] -= room
            if not self._uploads[workspace]:
                del self._uploads[workspace], self._bytes[workspace]

    def _check(self, workspace: str, room: int) -> None:
        alone = not self._uploads[workspace]
        if self._uploads[workspace] >= self._per_workspace or (
            not alone and self._bytes[workspace] + room > self._disk_bytes // 2
        ):
            message = (
                "Too many uploads of this workspace are under way. Wait until one of them has been answered."
            )
            raise ApiError(429, "too_many_uploads", message, retry_later=True)
        taken = self._bytes.total()
        if taken + room > self._disk_bytes or room + KEPT_FREE_BYTES > self._free_bytes():
            message = "The gateway has no room for this file now. Send it again in a few seconds."
            raise ApiError(503, "uploads_busy", message, retry_later=True)
