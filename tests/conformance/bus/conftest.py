"""The adapters that the suite runs through: to add one, add its harness."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest

from services.chassis.bus.nats import NatsBus
from services.chassis.bus.protocol import Bus
from services.chassis.bus.rabbitmq import RabbitmqBus
from services.chassis.bus.subjects import STAGES, STATUS
from tests.servers import NatsBroker, RabbitmqBroker

LEASE_SECONDS = 1.0


class Broker(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def kill(self) -> None: ...
    def wipe(self) -> None: ...


class Harness(Protocol):
    """A broker and the adapter that speaks to it."""

    @property
    def broker(self) -> Broker: ...

    async def connect(self) -> Bus: ...


class NatsHarness:
    def __init__(self, folder: Path) -> None:
        self.broker = NatsBroker(folder / "nats")

    async def connect(self) -> Bus:
        return await NatsBus.connect(self.broker.url, name="test", lease_seconds=LEASE_SECONDS)


class RabbitmqHarness:
    def __init__(self, folder: Path) -> None:
        self.broker = RabbitmqBroker(folder / "rabbitmq")

    async def connect(self) -> Bus:
        return await RabbitmqBus.connect(self.broker.url, name="test", lease_seconds=LEASE_SECONDS)


HARNESSES: dict[str, Callable[[Path], Harness]] = {"nats": NatsHarness, "rabbitmq": RabbitmqHarness}
Connect = Callable[[], Awaitable[Bus]]


@pytest.fixture(scope="package", params=sorted(HARNESSES))
async def harness(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Harness]:
    harness = HARNESSES[request.param](tmp_path_factory.mktemp("bus"))
    await harness.broker.start()
    yield harness
    await harness.broker.stop()


@pytest.fixture
async def connect(harness: Harness) -> AsyncIterator[Connect]:
    """Connections of their own, as different processes would have."""
    async with AsyncExitStack() as stack:

        async def connect() -> Bus:
            bus = await harness.connect()
            stack.push_async_callback(bus.close)
            return bus

        yield connect


@pytest.fixture
async def bus(connect: Connect) -> Bus:
    return await connect()


@pytest.fixture
def queue() -> str:
    return f"{STAGES}.{secrets.token_hex(4)}.engine"


@pytest.fixture
def status_subject() -> str:
    return f"{STATUS}.{secrets.token_hex(4)}"
