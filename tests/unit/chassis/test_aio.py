"""Cancelling and waiting for tasks, even if a cancellation is lost."""

import asyncio
import threading

import pytest

from services.chassis.aio import (
    Interrupted,
    Interruptible,
    cancel_and_wait,
    gather_all,
    in_thread,
    wait_until_done,
)


class UncancellableWork:
    """Work that ends only when a test lets it end; it ignores cancellations."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def work(self) -> None:
        while not self.may_end.is_set():
            try:
                await self.may_end.wait()
            except asyncio.CancelledError:
                self.cancelled.set()


async def test_a_lost_cancellation_is_repeated():
    uncancellable = UncancellableWork()
    task = asyncio.create_task(uncancellable.work())
    waiting = asyncio.create_task(cancel_and_wait([task]))
    await uncancellable.cancelled.wait()
    assert not waiting.done()
    uncancellable.may_end.set()
    await waiting
    assert task.done()


async def test_cancel_and_wait_waits_even_if_its_caller_is_cancelled():
    uncancellable = UncancellableWork()
    task = asyncio.create_task(uncancellable.work())
    waiting = asyncio.create_task(cancel_and_wait([task]))
    await uncancellable.cancelled.wait()
    for _ in range(2):
        waiting.cancel()
        await asyncio.sleep(0)
    assert not waiting.done()
    uncancellable.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert task.done()


async def test_wait_until_done_waits_even_if_its_caller_is_cancelled_repeatedly():
    may_end = asyncio.Event()
    task = asyncio.create_task(may_end.wait())
    waiting = asyncio.create_task(wait_until_done(task))
    for _ in range(3):
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await task


async def test_wait_until_done_does_not_raise_the_tasks_error():
    failing = asyncio.create_task(in_thread(lambda: 1 // 0))
    await wait_until_done(failing)
    assert isinstance(failing.exception(), ZeroDivisionError)


class BlockingRead:
    """Work of a thread that ends only when a test lets it end."""

    def __init__(self) -> None:
        self.begun, self.may_end, self.ended = threading.Event(), threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        self.may_end.wait()
        self.ended.set()
        return "read"


async def test_a_cancelled_caller_waits_for_its_thread():
    read = BlockingRead()
    waiting = asyncio.create_task(in_thread(read))
    await asyncio.to_thread(read.begun.wait)
    for _ in range(3):
        waiting.cancel()
        await asyncio.sleep(0)
    assert not waiting.done()
    read.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert read.ended.is_set()


async def test_a_cancelled_caller_waits_for_its_thread_for_a_limited_time():
    read = BlockingRead()
    waiting = asyncio.create_task(in_thread(read, grace_seconds=0.0))
    await asyncio.to_thread(read.begun.wait)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not read.ended.is_set()
    read.may_end.set()


async def test_gather_all_raises_only_when_all_have_ended():
    read = BlockingRead()

    async def fail() -> str:
        raise KeyError("gone")

    waiting = asyncio.create_task(gather_all([in_thread(read), fail()]))
    await asyncio.to_thread(read.begun.wait)
    assert not waiting.done()
    read.may_end.set()
    with pytest.raises(KeyError, match="gone"):
        await waiting
    assert read.ended.is_set()


async def test_gather_all_returns_results_in_order():
    assert await gather_all([in_thread(lambda: 1), in_thread(lambda: 2)]) == [1, 2]


async def test_interrupted_work_has_ended_when_its_caller_continues():
    cleaned_up = False

    async def work() -> None:
        nonlocal cleaned_up
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned_up = True

    interruptible = Interruptible()
    asyncio.get_running_loop().call_soon(interruptible.interrupt)
    with pytest.raises(Interrupted):
        await interruptible.run(work())
    assert cleaned_up
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_lost_interruption_is_repeated():
    cancellations = 0

    async def work() -> str:
        nonlocal cancellations
        while cancellations < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancellations += 1
        return "done in spite of all"

    interruptible = Interruptible()
    asyncio.get_running_loop().call_soon(interruptible.interrupt)
    with pytest.raises(Interrupted):
        await interruptible.run(work())


async def test_a_cancellation_by_others_is_not_taken_for_an_interruption():
    begun = asyncio.Event()
    uncancellable = UncancellableWork()

    async def work() -> None:
        begun.set()
        await uncancellable.work()

    interruptible = Interruptible()
    task = asyncio.create_task(interruptible.run(work()))
    await begun.wait()
    interruptible.interrupt()
    await uncancellable.cancelled.wait()
    task.cancel()
    uncancellable.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_work_that_has_ended_is_not_interrupted():
    interruptible = Interruptible()
    assert await interruptible.run(asyncio.sleep(0, "done")) == "done"
    interruptible.interrupt()
    await asyncio.sleep(0)
