"""What goes out in one message, and when it counts as told."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

import pytest

from likeness.jobs.v1.stages_pb2 import (
    StageCompleted,
    StageFailed,
    StageProgressed,
    StageRef,
    StageReleased,
    StageStarted,
    StageStatuses,
)
from services.chassis.bus.codec import pack
from services.chassis.bus.limits import MAX_BYTES
from services.chassis.bus.protocol import Envelope
from services.chassis.errors import BusUnavailable
from services.chassis.worker.status_batch import Status, group_of, statuses_in
from services.chassis.worker.status_reporter import GROUP_BYTES, StatusReporter

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


class SlowBus:
    """Confirms each message when it is told to, or says that it is away."""

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
    def told(self) -> list[list[Any]]:
        return [[status for status, _ in statuses_in(envelope)] for envelope in self.published]


@pytest.fixture
def bus() -> SlowBus:
    return SlowBus()


@pytest.fixture
def reporter(bus: SlowBus) -> StatusReporter:
    return StatusReporter(bus, "tts", "w")  # pyright: ignore[reportArgumentType] - publishes only


def completed(stage_id: str, size: int = 0) -> StageCompleted:
    return StageCompleted(stage=StageRef(stage_id=stage_id), worker_id="w" * size)


async def begin(bus: SlowBus, tellings: Iterable[Coroutine[Any, Any, None]]) -> list["asyncio.Task[None]"]:
    """The others come up while the first is on its way."""
    first, *others = tellings
    tasks = [asyncio.create_task(first)]
    await bus.reached.wait()
    tasks += [asyncio.create_task(each) for each in others]
    await asyncio.sleep(0)
    return tasks


async def test_one_status_is_a_message_by_itself(bus: SlowBus, reporter: StatusReporter) -> None:
    (telling,) = await begin(bus, [reporter.publish_durably(completed("a"))])
    await bus.confirm()
    await telling
    assert bus.published[0].headers["ce-type"] == "likeness.jobs.v1.StageCompleted"
    assert bus.told == [[completed("a")]]


async def test_what_comes_up_meanwhile_is_one_message_in_its_order(
    bus: SlowBus, reporter: StatusReporter
) -> None:
    statuses = [completed(name) for name in "abcd"]
    tellings = await begin(bus, map(reporter.publish_durably, statuses))
    await bus.confirm()
    await tellings[0]
    assert not any(telling.done() for telling in tellings[1:])
    await bus.confirm()
    await asyncio.gather(*tellings)
    assert bus.told == [statuses[:1], statuses[1:]]


async def test_nobody_of_a_refused_group_has_told_anything(bus: SlowBus, reporter: StatusReporter) -> None:
    first, *others = await begin(bus, map(reporter.tell, [completed("a"), completed("b"), completed("c")]))
    await bus.confirm()
    await bus.refuse()
    await first
    for other in others:
        with pytest.raises(BusUnavailable):
            await other


async def test_who_gives_up_while_it_waits_tells_nothing(bus: SlowBus, reporter: StatusReporter) -> None:
    tellings = await begin(bus, map(reporter.tell, [completed("a"), completed("b"), completed("c")]))
    tellings[1].cancel()
    await bus.confirm()
    await bus.confirm()
    await asyncio.gather(*tellings, return_exceptions=True)
    assert bus.told == [[completed("a")], [completed("c")]]


async def test_a_group_is_far_smaller_than_a_message_may_be(bus: SlowBus, reporter: StatusReporter) -> None:
    """One that is larger than any group goes alone."""
    statuses = [completed(str(number), GROUP_BYTES // 3) for number in range(6)]
    statuses.insert(3, completed("big", 2 * GROUP_BYTES))
    tellings = await begin(bus, map(reporter.tell, statuses))
    confirming = asyncio.create_task(bus.confirm_all())
    await asyncio.gather(*tellings)
    confirming.cancel()
    assert [status for group in bus.told for status in group] == statuses
    sizes = [len(envelope.data) for envelope in bus.published]
    assert max(sizes) < MAX_BYTES / 3
    assert [statuses[3]] in bus.told


@pytest.mark.parametrize(
    "status",
    [StageStarted(), StageProgressed(progress=0.5), completed("a"), StageFailed(), StageReleased()],
    ids=lambda status: type(status).__name__,
)
def test_a_group_is_read_as_what_it_was_made_of(status: Status) -> None:
    group = group_of([(status, TRACE), (status, None)])
    assert list(statuses_in(pack("s", group, source="w"))) == [(status, TRACE), (status, None)]


def test_an_entry_of_another_kind_does_not_hide_the_others() -> None:
    group: StageStatuses = group_of([(completed("a"), None)])
    group.statuses.add()
    known, other = statuses_in(pack("s", group, source="w"))
    assert known == (completed("a"), None)
    assert type(other[0]).__name__ == "StageStatus"
