"""Bounds how much speech is made at once while its callers wait for it."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from services.gateway.http.errors import ApiError

MAX_TRANSCRIPTIONS = 2
"""Transcriptions of a workspace under way at once: each may take minutes of an engine, and more would wait
for it until their time is over."""


class SpeechSlots:
    """Counts the speech that is being made, of each workspace and in all.

    Once half of all slots are taken, a workspace that has one gets no more: the others are for workspaces
    that have none.
    """

    def __init__(self, total: int, per_workspace: int, kind: str = "speeches") -> None:
        self._kind = kind
        self._total = total
        self._per_workspace = per_workspace
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, workspace: str) -> Generator[None]:
        """Holds a slot. Raises a 429 if there is none for the workspace."""
        self._check(workspace)
        self._taken[workspace] += 1
        try:
            yield
        finally:
            self._taken[workspace] -= 1
            if not self._taken[workspace]:
                del self._taken[workspace]

    def _check(self, workspace: str) -> None:
        own, everything = self._taken[workspace], self._taken.total()
        if own >= self._per_workspace:
            message = (
                f"This workspace has its limit of {own} {self._kind} under way. Wait until one of them ends."
            )
            raise ApiError(429, "concurrency_limit_reached", message, retry_later=True)
        if everything >= self._total or (own and everything >= self._total // 2):
            message = (
                "The gateway makes as much speech as it can at once. Send the request again in a moment."
            )
            raise ApiError(429, "concurrency_limit_reached", message, retry_later=True)
