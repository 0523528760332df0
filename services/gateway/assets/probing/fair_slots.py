"""Slots for work that workspaces take in turn."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass


class WorkspaceCrowded(Exception):
    """Raised if as many of a workspace wait as may."""


class AllCrowded(Exception):
    """Raised if as many wait in all as may, or one has waited for as long as it may."""


@dataclass(frozen=True, slots=True)
class SlotLimits:
    """`size` is the number of slots; a workspace holds at most `per_workspace` of them."""

    size: int
    per_workspace: int
    waiting_per_workspace: int
    waiting: int
    wait_seconds: float


class FairSlots:
    """Slots that go round between the workspaces which wait for one, so that many requests of one workspace
    delay no other's."""

    def __init__(self, limits: SlotLimits) -> None:
        self._limits = limits
        self._held: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        """Requests by workspace; the workspace whose turn is next comes first."""

    @asynccontextmanager
    async def slot(self, workspace: str) -> AsyncGenerator[None]:
        """Waits for a slot and holds it. Raises `WorkspaceCrowded` or `AllCrowded` if it would wait too
        long."""
        await self._acquire(workspace)
        try:
            yield
        finally:
            self._release(workspace)

    async def _acquire(self, workspace: str) -> None:
        turn = self._join(workspace)
        try:
            self._grant()
            async with asyncio.timeout(self._limits.wait_seconds):
                await turn
        except BaseException as exc:
            self._leave(workspace, turn)
            if isinstance(exc, TimeoutError):
                raise AllCrowded from None
            raise

    def _join(self, workspace: str) -> "asyncio.Future[None]":
        waiting = self._waiting.get(workspace, ())
        if len(waiting) >= self._limits.waiting_per_workspace:
            raise WorkspaceCrowded
        if sum(map(len, self._waiting.values())) >= self._limits.waiting:
            raise AllCrowded
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(workspace, deque()).append(turn)
        return turn

    def _leave(self, workspace: str, turn: "asyncio.Future[None]") -> None:
        """Takes a request off that waits no longer; gives its slot back if it has just got one."""
        if turn.done() and not turn.cancelled():
            self._release(workspace)
            return
        queue = self._waiting.get(workspace)
        if queue is not None and turn in queue:
            queue.remove(turn)
            self._drop_if_empty(workspace)

    def _release(self, workspace: str) -> None:
        self._held[workspace] -= 1
        if not self._held[workspace]:
            del self._held[workspace]
        self._grant()

    def _grant(self) -> None:
        """Gives free slots to those whose turn it is. A request that was cancelled may still be queued: its
        task takes it off when it runs."""
        while self._held.total() < self._limits.size and (workspace := self._next()) is not None:
            turn = self._waiting[workspace].popleft()
            if turn.done():
                self._drop_if_empty(workspace)
                continue
            self._waiting.move_to_end(workspace)
            self._drop_if_empty(workspace)
            self._held[workspace] += 1
            turn.set_result(None)

    def _drop_if_empty(self, workspace: str) -> None:
        if not self._waiting[workspace]:
            del self._waiting[workspace]

    def _next(self) -> str | None:
        """Returns the workspace whose turn it is; `None` if none may have a slot."""
        most = self._limits.per_workspace
        return next((each for each in self._waiting if self._held[each] < most), None)
