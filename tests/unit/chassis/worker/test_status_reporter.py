"""Batches of statuses, and the confirmation of each status."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

import pytest

from likeness.jobs.v1.stages_pb2 import (
    StageCompleted,
    StageRef,
)
from services.chassis.bus.limits import MAX_BYTES
from services.chassis.bus.protocol import Envelope
from services.chassis.errors import BusUnavailable
from services.chassis.worker.status_batch import statuses_in
from services.chassis.worker.status_reporter import MAX_BATCH_BYTES, StatusReporter


class SlowBus:
    """A bus that confirms or refuses each message when a test tells it to."""

    def __init__(self) -> None:
        self.published: list[Envelope] = []
        self.reached = asyncio.Event()
        self._confirmations: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    async def publish(self, envelope: Envelope) -> None:
        self.published.append(envelope)
        self.reached.set()
        confirmation: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._confirmations.put_nowait(confirmation)
        await confirmation

    async def confirm(self) -> None:
        (await self._next()).set_result(None)

    async def confirm_all(self) -> None:
        while True:
            await self.confirm()

    async def refuse(self) -> None:
        (await self._next()).set_exception(BusUnavailable("away"))

    async def _next(self) -> "asyncio.Future[None]":
        async with asyncio.timeout(20):
            return await self._confirmations.get()

    @property
    def statuses(self) -> list[list[Any]]:
        return [[status for status, _ in statuses_in(envelope)] for envelope in self.published]


@pytest.fixture
def bus() -> SlowBus:
    return SlowBus()


@pytest.fixture
def reporter(bus: SlowBus) -> StatusReporter:
    return StatusReporter(bus, "tts", "w")  # pyright: ignore[reportArgumentType] - publishes only


def completed(stage_id: str, size: int = 0) -> StageCompleted:
    return StageCompleted(stage=StageRef(stage_id=stage_id), worker_id="w" * size)


async def begin(
    bus: SlowBus, publications: Iterable[Coroutine[Any, Any, None]]
) -> list["asyncio.Task[None]"]:
    """Starts all publications, the others while the first is in flight."""
    first, *others = publications
    tasks = [asyncio.create_task(first)]
    await bus.reached.wait()
    tasks += [asyncio.create_task(each) for each in others]
    await asyncio.sleep(0)
    return tasks


async def test_a_single_status_is_its_own_message(bus: SlowBus, reporter: StatusReporter) -> None:
    (publishing,) = await begin(bus, [reporter.publish_durably(completed("a"))])
    await bus.confirm()
    await publishing
    assert bus.published[0].headers["ce-type"] == "likeness.jobs.v1.StageCompleted"
    assert bus.statuses == [[completed("a")]]


async def test_statuses_that_arrive_meanwhile_are_batched_in_order(
    bus: SlowBus, reporter: StatusReporter
) -> None:
    statuses = [completed(name) for name in "abcd"]
    publications = await begin(bus, map(reporter.publish_durably, statuses))
    await bus.confirm()
    await publications[0]
    assert not any(publishing.done() for publishing in publications[1:])
    await bus.confirm()
    await asyncio.gather(*publications)
    assert bus.statuses == [statuses[:1], statuses[1:]]


async def test_every_status_of_a_refused_batch_fails(bus: SlowBus, reporter: StatusReporter) -> None:
    first, *others = await begin(bus, map(reporter.publish, [completed("a"), completed("b"), completed("c")]))
    await bus.confirm()
    await bus.refuse()
    await first
    for other in others:
        with pytest.raises(BusUnavailable):
            await other


async def test_a_cancelled_caller_publishes_nothing(bus: SlowBus, reporter: StatusReporter) -> None:
    publications = await begin(bus, map(reporter.publish, [completed("a"), completed("b"), completed("c")]))
    publications[1].cancel()
    await bus.confirm()
    await bus.confirm()
    await asyncio.gather(*publications, return_exceptions=True)
    assert bus.statuses == [[completed("a")], [completed("c")]]


async def test_a_batch_is_far_smaller_than_the_message_limit(bus: SlowBus, reporter: StatusReporter) -> None:
    """A status that is larger than any batch goes by itself."""
    statuses = [completed(str(number), MAX_BATCH_BYTES // 3) for number in range(6)]
    statuses.insert(3, completed("big", 2 * MAX_BATCH_BYTES))
    publications = await begin(bus, map(reporter.publish, statuses))
    confirming = asyncio.create_task(bus.confirm_all())
    await asyncio.gather(*publications)
    confirming.cancel()
    assert [status for batch in bus.statuses for status in batch] == statuses
    sizes = [len(envelope.data) for envelope in bus.published]
    assert max(sizes) < MAX_BYTES / 3
    assert [statuses[3]] in bus.statuses
