"""What every bus guarantees about its broadcasts."""

import secrets

import pytest

from services.chassis.bus.protocol import Bus
from services.chassis.bus.subjects import CANCEL
from services.chassis.errors import InvalidArgument
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.messages import arrival, message


@pytest.fixture
def subject() -> str:
    return f"{CANCEL}.{secrets.token_hex(4)}"


async def test_everyone_who_listens_hears_it(connect: Connect, subject: str) -> None:
    speaker, one, two = await connect(), await connect(), await connect()
    sent = message(subject, "hear")
    async with one.listen(subject) as first, two.listen(subject) as second:
        await speaker.broadcast(sent)
        assert await arrival(first) == sent
        assert await arrival(second) == sent


async def test_who_listens_hears_what_is_said_the_moment_after(connect: Connect, subject: str) -> None:
    speaker, listener = await connect(), await connect()
    for number in range(100):
        async with listener.listen(f"{subject}.{number}") as heard:
            await speaker.broadcast(message(f"{subject}.{number}", "at once"))
            assert (await arrival(heard)).data == b"at once"


async def test_two_listeners_of_one_bus_both_hear_it(bus: Bus, subject: str) -> None:
    async with bus.listen(subject) as first, bus.listen(subject) as second:
        await bus.broadcast(message(subject, "hear"))
        assert (await arrival(first)).data == (await arrival(second)).data == b"hear"


async def test_it_is_kept_for_nobody(bus: Bus, subject: str) -> None:
    await bus.broadcast(message(subject, "early"))
    async with bus.listen(subject) as heard:
        await bus.broadcast(message(subject, "now"))
        assert (await arrival(heard)).data == b"now"


async def test_it_is_sent_though_nobody_listens(bus: Bus, subject: str) -> None:
    await bus.broadcast(message(subject, "nobody"))
    await bus.check()


async def test_other_subjects_are_not_heard(bus: Bus, subject: str) -> None:
    async with bus.listen(subject) as heard:
        await bus.broadcast(message(f"{subject}.other", "other"))
        await bus.broadcast(message(subject, "mine"))
        assert (await arrival(heard)).data == b"mine"


async def test_a_listener_that_is_not_attended_misses_nothing(bus: Bus, subject: str) -> None:
    texts = [str(number) for number in range(200)]
    async with bus.listen(subject) as heard:
        for text in texts:
            await bus.broadcast(message(subject, text))
        assert [(await arrival(heard)).data.decode() for _ in texts] == texts


async def test_a_cancel_reaches_a_handler_at_work(connect: Connect, queue: str, subject: str) -> None:
    worker, gateway = await connect(), await connect()
    await gateway.publish(message(queue, "work"))
    async with worker.consume(queue, prefetch=1) as deliveries, worker.listen(subject) as cancels:
        delivery = await arrival(deliveries)
        await gateway.broadcast(message(subject, "cancel"))
        assert (await arrival(cancels)).data == b"cancel"
        await delivery.ack()


async def test_one_that_is_too_big_is_refused(bus: Bus, subject: str) -> None:
    with pytest.raises(InvalidArgument):
        await bus.broadcast(message(subject, "x" * (2 << 20)))
    await bus.check()
