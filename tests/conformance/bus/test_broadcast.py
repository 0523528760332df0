"""What every bus guarantees about its broadcasts."""

import secrets

import pytest

from services.chassis.bus.protocol import Bus
from services.chassis.errors import InvalidArgument
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.messages import arrival, message


@pytest.fixture
def subject() -> str:
    return f"likeness.cancel.v1.{secrets.token_hex(4)}"


async def test_everyone_who_listens_hears_it(connect: Connect, subject: str) -> None:
    speaker, one, two = await connect(), await connect(), await connect()
    sent = message(subject, "hear")
    async with one.listen(subject) as first, two.listen(subject) as second:
        await speaker.broadcast(sent)
        assert await arrival(first) == sent
        assert await arrival(second) == sent


async def test_it_is_kept_for_nobody(bus: Bus, subject: str) -> None:
    await bus.broadcast(message(subject, "early"))
    async with bus.listen(subject) as heard:
        await bus.broadcast(message(subject, "now"))
        assert (await arrival(heard)).data == b"now"


async def test_one_that_is_too_big_is_refused(bus: Bus, subject: str) -> None:
    with pytest.raises(InvalidArgument):
        await bus.broadcast(message(subject, "x" * (2 << 20)))
