"""What somebody wants done to videos, and how they learn what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from services.gateway.db.pool import Connection
from services.gateway.jobs.domain.events import StageEvent
from services.gateway.jobs.domain.job_update import Decision
from services.gateway.jobs.domain.models import Job

MOST_CHANGES = 500
"""In one transaction, but for those of a single request."""
Alongside = Callable[[Connection], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Change:
    """`new` stores the job; `cancelled_by` is the id of the workspace that cancels the video."""

    video_id: str
    events: Sequence[StageEvent] = ()
    new: Job | None = None
    cancelled_by: str | None = None

    def apply_to(self, decision: Decision) -> None:
        for event in self.events:
            decision.take(event)
        if self.cancelled_by is not None and self.cancelled_by == decision.video.workspace_id:
            decision.cancel()


@dataclass(slots=True)
class Result:
    """The jobs as they were written, by video id, and how many stages were asked for."""

    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    asked: int = 0
    checking: "asyncio.Task[None] | None" = None
    """Known results are still looked for in the store."""


def _future() -> "asyncio.Future[Result]":
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class Request:
    """Changes that belong into one transaction."""

    changes: Sequence[Change]
    alongside: Alongside | None = None
    schedule: bool = False
    deleting: bool = False
    done: "asyncio.Future[Result]" = field(default_factory=_future)

    @property
    def alone(self) -> bool:
        """It shares its transaction with no other."""
        return self.alongside is not None or self.deleting

    def finish(self, result: Result) -> None:
        if not self.done.done():
            self.done.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


def next_batch(waiting: list[Request]) -> list[Request]:
    """Takes out the requests that go into the next transaction, in their order."""
    batch = [waiting.pop(0)]
    size = len(batch[0].changes)
    while waiting and not batch[0].alone and not waiting[0].alone:
        size += len(waiting[0].changes)
        if size > MOST_CHANGES:
            break
        batch.append(waiting.pop(0))
    return batch
