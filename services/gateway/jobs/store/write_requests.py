"""Requests to the job writer, and how their callers learn the outcome."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from services.gateway.db.pool import Connection
from services.gateway.jobs.domain.events import StageEvent
from services.gateway.jobs.domain.job_update import JobUpdate
from services.gateway.jobs.domain.models import Job

MAX_CHANGES = 500
"""Changes in one transaction, unless a single request has more."""
ExtraWrites = Callable[[Connection], Awaitable[None]]
"""Executed first in the same transaction; if it raises, the transaction is rolled back."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change to one job. `new` stores the job; `cancelled_by` is the workspace that cancels it."""

    job_id: str
    events: Sequence[StageEvent] = ()
    new: Job | None = None
    cancelled_by: str | None = None

    def apply_to(self, update: JobUpdate) -> None:
        for event in self.events:
            update.apply(event)
        if self.cancelled_by is not None and self.cancelled_by == update.record.workspace_id:
            update.cancel()


@dataclass(slots=True)
class Result:
    """The jobs as they were written, by job id, and how many stages were put on the bus."""

    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    admitted_count: int = 0
    checking: "asyncio.Task[None] | None" = None
    """Set while known results are looked for in the store; their stages are decided when it ends."""


def _future() -> "asyncio.Future[Result]":
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class WriteRequest:
    """Changes that belong into one transaction."""

    changes: Sequence[Change]
    extra_writes: ExtraWrites | None = None
    schedule: bool = False
    deleting: bool = False
    done: "asyncio.Future[Result]" = field(default_factory=_future)

    @property
    def alone(self) -> bool:
        """Tells whether the request shares its transaction with no other."""
        return self.extra_writes is not None or self.deleting

    def finish(self, result: Result) -> None:
        if not self.done.done():
            self.done.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


def next_batch(waiting: list[WriteRequest]) -> list[WriteRequest]:
    """Removes and returns the requests that go into the next transaction, in their order."""
    batch = [waiting.pop(0)]
    size = len(batch[0].changes)
    while waiting and not batch[0].alone and not waiting[0].alone:
        size += len(waiting[0].changes)
        if size > MAX_CHANGES:
            break
        batch.append(waiting.pop(0))
    return batch
