"""Tasks end for sure."""

import asyncio

import pytest

from services.chassis.tasks import cancel_and_wait


class Stubborn:
    """Ends only when it is told to, whoever cancels it."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def work(self) -> None:
        while not self.may_end.is_set():
            try:
                await self.may_end.wait()
            except asyncio.CancelledError:
                self.cancelled.set()


async def test_a_cancellation_that_is_lost_is_repeated():
    stubborn = Stubborn()
    task = asyncio.create_task(stubborn.work())
    waiting = asyncio.create_task(cancel_and_wait([task]))
    await stubborn.cancelled.wait()
    assert not waiting.done()
    stubborn.may_end.set()
    await waiting
    assert task.done()


async def test_whoever_is_cancelled_while_he_waits_goes_on_waiting_first():
    stubborn = Stubborn()
    task = asyncio.create_task(stubborn.work())
    waiting = asyncio.create_task(cancel_and_wait([task]))
    await stubborn.cancelled.wait()
    for _ in range(2):
        waiting.cancel()
        await asyncio.sleep(0)
    assert not waiting.done()
    stubborn.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert task.done()
