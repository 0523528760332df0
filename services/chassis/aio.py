"""Ending asyncio tasks, and waiting for them, for sure."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

INSIST_SECONDS = 0.5
PATIENCE_SECONDS = 5.0
T = TypeVar("T")


def raise_if_cancelled() -> None:
    """Raises `CancelledError` if this task was cancelled and a library has lost it.

    On Python 3.11 `asyncio.wait_for`, which the bus's client uses, returns a result that comes together
    with a cancellation, and that cancellation is lost.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def cancel_and_wait(tasks: Iterable["asyncio.Future[Any]"]) -> None:
    """Cancel until every task has ended: a cancellation may be lost (see `raise_if_cancelled`).

    What the tasks raise stays with them. Whoever is cancelled while he waits here goes on waiting first:
    what the tasks use must not be closed while they run.
    """
    pending = {task for task in tasks if not task.done()}
    cancelled: asyncio.CancelledError | None = None
    while pending:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=INSIST_SECONDS)
        except asyncio.CancelledError as error:
            cancelled = error
        pending = {task for task in pending if not task.done()}
    if cancelled is not None:
        raise cancelled


class Interrupted(Exception):
    """Says that `Interruptible.interrupt` has ended what ran."""


class Interruptible:
    """Work that others can end although it has no task of its own, which would cost more than the work."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None
        self._cancellations = 0
        self._insisting: asyncio.TimerHandle | None = None

    def interrupt(self) -> None:
        """Cancel the work, if it runs, until it has ended: one cancellation may be lost."""
        if self._task is not None:
            self._cancellations += 1
            self._task.cancel()
            self._insisting = asyncio.get_running_loop().call_later(INSIST_SECONDS, self.interrupt)

    async def run(self, work: Awaitable[T]) -> T:
        """What the work gives; once it was interrupted `Interrupted`, whatever it gives in its end."""
        task = self._task = asyncio.current_task()
        assert task is not None
        try:
            result = await work
        except BaseException as error:
            self._settle(task, error)
            raise
        self._settle(task, None)
        raise_if_cancelled()
        return result

    def _settle(self, task: "asyncio.Task[Any]", error: BaseException | None) -> None:
        """What others have cancelled stays cancelled."""
        self._task = None
        if self._insisting is None:
            return
        self._insisting.cancel()
        for _ in range(self._cancellations):
            task.uncancel()
        if not task.cancelling():
            raise Interrupted from error


async def wait_out(task: "asyncio.Future[Any]") -> None:
    """Wait until the task has ended; what it raises stays with it.

    Whoever is cancelled while he waits here goes on waiting first, however often that happens.
    """
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


async def in_thread(work: Callable[[], T], *, patience: float = PATIENCE_SECONDS) -> T:
    """What `asyncio.to_thread` gives; but whoever is cancelled while he waits first waits some seconds more:
    a thread cannot be stopped, and what it works on is better not taken away from it."""
    thread = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await _end_of(thread, patience)
        raise


async def _end_of(thread: "asyncio.Future[Any]", seconds: float) -> None:
    """Whoever is cancelled again while he waits here goes on waiting. What the thread raises is nobody's."""
    thread.add_done_callback(lambda done: done.cancelled() or done.exception())
    until = time.monotonic() + seconds
    while not thread.done() and (left := until - time.monotonic()) > 0:
        with suppress(asyncio.CancelledError):
            await asyncio.wait({thread}, timeout=left)


async def results_of(awaitables: Iterable[Awaitable[T]]) -> list[T]:
    """In their order; or the first error, but only when every one of them has ended."""
    results = await asyncio.gather(*awaitables, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


async def first_to_end(tasks: Iterable["asyncio.Future[Any]"]) -> None:
    """Wait until one of the tasks has ended, and raise what it raised."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
