"""Helpers for asyncio tasks: reliable cancellation, waiting, and work in threads."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import cache
from typing import Any, TypeVar

CANCEL_RETRY_SECONDS = 0.5
"""Interval at which a cancellation is repeated until the task has ended."""
THREAD_GRACE_SECONDS = 5.0
"""How long a cancelled caller still waits for its thread."""
MAX_COMPUTING = 2
"""Computations at the same time: each may keep the loop waiting for Python's lock for some milliseconds."""
SMALL = 1 << 16
"""Size of an input up to which a computation is done on the loop."""
T = TypeVar("T")


def raise_if_cancelled() -> None:
    """Raises `CancelledError` if this task was cancelled and a library has lost the cancellation.

    On Python 3.11 `asyncio.wait_for`, which the bus's client uses, returns a result that arrives together
    with a cancellation, and that cancellation is lost.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def cancel_and_wait(tasks: Iterable["asyncio.Future[Any]"]) -> None:
    """Cancels the tasks repeatedly until every one has ended.

    A single cancellation may be lost (see `raise_if_cancelled`). Exceptions of the tasks stay with them. If
    the caller is cancelled while waiting, the cancellation is re-raised after all tasks have ended: what the
    tasks use must not be closed while they run.
    """
    pending = {task for task in tasks if not task.done()}
    cancelled: asyncio.CancelledError | None = None
    while pending:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=CANCEL_RETRY_SECONDS)
        except asyncio.CancelledError as error:
            cancelled = error
        pending = {task for task in pending if not task.done()}
    if cancelled is not None:
        raise cancelled


class Interrupted(Exception):
    """Raised by `Interruptible.run` after `Interruptible.interrupt` has ended the work."""


class Interruptible:
    """Awaitable work that can be cancelled from outside although it has no task of its own.

    A task of its own would cost more than the work.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None
        self._cancellations = 0
        self._retry_timer: asyncio.TimerHandle | None = None

    def interrupt(self) -> None:
        """Cancels the work, if it runs, repeatedly until it has ended: a single cancellation may be lost."""
        if self._task is not None:
            self._cancellations += 1
            self._task.cancel()
            self._retry_timer = asyncio.get_running_loop().call_later(CANCEL_RETRY_SECONDS, self.interrupt)

    async def run(self, work: Awaitable[T]) -> T:
        """Returns the result of `work`.

        Raises `Interrupted` if the work was interrupted, even if it ended with a result or an error of its
        own.
        """
        task = self._task = asyncio.current_task()
        assert task is not None
        try:
            result = await work
        except BaseException as error:
            self._finish(task, error)
            raise
        self._finish(task, None)
        raise_if_cancelled()
        return result

    def _finish(self, task: "asyncio.Task[Any]", error: BaseException | None) -> None:
        """Raises `Interrupted` if the work was interrupted; leaves cancellations by others in force."""
        self._task = None
        if self._retry_timer is None:
            return
        self._retry_timer.cancel()
        for _ in range(self._cancellations):
            task.uncancel()
        if not task.cancelling():
            raise Interrupted from error


async def wait_until_done(task: "asyncio.Future[Any]") -> None:
    """Waits until the task has ended; its exception stays with it.

    If the caller is cancelled while waiting, however often, the cancellation is re-raised after the task has
    ended.
    """
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


async def in_thread(work: Callable[[], T], *, grace_seconds: float = THREAD_GRACE_SECONDS) -> T:
    """Runs `work` in a thread and returns its result, as `asyncio.to_thread` does.

    A cancelled caller first waits up to `grace_seconds` for the thread: a thread cannot be stopped, and what
    it works on should not be taken away from it.
    """
    thread = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await _wait_for_thread(thread, grace_seconds)
        raise


async def off_loop(compute: Callable[[], T], size: int) -> T:
    """Returns the result of a computation. `size` is that of its input, in bytes or characters.

    A small one is done at once. A large one waits for one of a few threads, which no work that waits for
    files or servers can occupy. The loop goes on meanwhile, unless a single call into C takes long.
    """
    if size <= SMALL:
        return compute()
    return await asyncio.get_running_loop().run_in_executor(_computing(), copy_context().run, compute)


@cache
def _computing() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MAX_COMPUTING, thread_name_prefix="computing")


async def in_daemon_thread(work: Callable[[], T]) -> T:
    """Runs `work` in a thread that nothing waits for, and returns its result.

    Neither a cancelled caller nor the end of the process waits: for work that may be left at any point, such
    as an import.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where the outcome is awaited
            outcome.set_exception(error)

    outcome.set_running_or_notify_cancel()
    threading.Thread(target=run, daemon=True).start()
    return await asyncio.wrap_future(outcome)


async def _wait_for_thread(thread: "asyncio.Future[Any]", seconds: float) -> None:
    """Waits for the thread even if the caller is cancelled again; drops the thread's exception."""
    thread.add_done_callback(lambda done: done.cancelled() or done.exception())
    until = time.monotonic() + seconds
    while not thread.done() and (left := until - time.monotonic()) > 0:
        with suppress(asyncio.CancelledError):
            await asyncio.wait({thread}, timeout=left)


async def gather_all(awaitables: Iterable[Awaitable[T]]) -> list[T]:
    """Returns the results in order, or raises the first error once all awaitables have ended."""
    results = await asyncio.gather(*awaitables, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


async def first_to_end(tasks: Iterable["asyncio.Future[Any]"]) -> None:
    """Waits until one of the tasks has ended, and raises its exception if it failed."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
