"""Guarantees of every bus about broadcasts."""

import secrets

import pytest

from services.chassis.bus.protocol import Bus
from services.chassis.bus.subjects import CANCEL
from services.chassis.errors import InvalidArgument
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.messages import message, next_item


@pytest.fixture
def subject() -> str:
    return f"{CANCEL}.{secrets.token_hex(4)}"


async def test_every_listener_receives_a_broadcast(connect: Connect, subject: str) -> None:
    speaker, one, two = await connect(), await connect(), await connect()
    sent = message(subject, "hello")
    async with one.listen(subject) as first, two.listen(subject) as second:
        await speaker.broadcast(sent)
        assert await next_item(first) == sent
        assert await next_item(second) == sent


async def test_a_listener_receives_a_broadcast_sent_immediately_after(connect: Connect, subject: str) -> None:
    speaker, listener = await connect(), await connect()
    for number in range(100):
        async with listener.listen(f"{subject}.{number}") as broadcasts:
            await speaker.broadcast(message(f"{subject}.{number}", "at once"))
            assert (await next_item(broadcasts)).data == b"at once"


async def test_two_listeners_of_one_bus_both_receive_a_broadcast(bus: Bus, subject: str) -> None:
    async with bus.listen(subject) as first, bus.listen(subject) as second:
        await bus.broadcast(message(subject, "hello"))
        assert (await next_item(first)).data == (await next_item(second)).data == b"hello"


async def test_a_broadcast_is_not_stored(bus: Bus, subject: str) -> None:
    await bus.broadcast(message(subject, "early"))
    async with bus.listen(subject) as broadcasts:
        await bus.broadcast(message(subject, "now"))
        assert (await next_item(broadcasts)).data == b"now"


async def test_a_broadcast_without_listeners_is_no_error(bus: Bus, subject: str) -> None:
    await bus.broadcast(message(subject, "unheard"))
    await bus.check()


async def test_broadcasts_on_other_subjects_are_not_received(bus: Bus, subject: str) -> None:
    async with bus.listen(subject) as broadcasts:
        await bus.broadcast(message(f"{subject}.other", "other"))
        await bus.broadcast(message(subject, "mine"))
        assert (await next_item(broadcasts)).data == b"mine"


async def test_a_listener_that_is_not_read_misses_nothing(bus: Bus, subject: str) -> None:
    texts = [str(number) for number in range(200)]
    async with bus.listen(subject) as broadcasts:
        for text in texts:
            await bus.broadcast(message(subject, text))
        assert [(await next_item(broadcasts)).data.decode() for _ in texts] == texts


async def test_a_cancel_reaches_a_consumer_with_an_open_delivery(
    connect: Connect, queue: str, subject: str
) -> None:
    worker, gateway = await connect(), await connect()
    await gateway.publish(message(queue, "work"))
    async with worker.consume(queue, prefetch=1) as deliveries, worker.listen(subject) as cancels:
        delivery = await next_item(deliveries)
        await gateway.broadcast(message(subject, "cancel"))
        assert (await next_item(cancels)).data == b"cancel"
        await delivery.ack()


async def test_a_broadcast_that_is_too_big_is_refused(bus: Bus, subject: str) -> None:
    with pytest.raises(InvalidArgument):
        await bus.broadcast(message(subject, "x" * (2 << 20)))
    await bus.check()
