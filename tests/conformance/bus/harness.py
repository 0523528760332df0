"""The broker and adapter that the suite runs against."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from services.chassis.bus.nats.bus import NatsBus
from services.chassis.bus.protocol import Bus
from services.chassis.bus.rabbitmq.bus import RabbitmqBus
from services.chassis.bus.subjects import STAGES
from services.chassis.errors import BusUnavailable
from tests.servers import NatsBroker, RabbitmqBroker

LEASE_SECONDS = 10.0
"""Longer than a busy machine needs for what a test does with an open delivery."""
SHORT_LEASE_SECONDS = 2.0
MAX_UNACKED_SECONDS = 2.0
RABBITMQ_CONSUMER_TIMEOUT_SECONDS = 8.0
"""Less than the slow handler takes: RabbitMQ would close its channel."""
QUEUE_BATCH_SIZE = 40


class Broker(Protocol):
    """A broker that tests can start, stop, kill and wipe."""

    @property
    def url(self) -> str: ...

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def kill(self) -> None: ...
    def wipe(self) -> None: ...


class Harness:
    """A broker, its adapter, and a supply of new queues.

    Queues are created in advance, many at once: RabbitMQ takes a second and a half for a new one.
    """

    def __init__(self, name: str, broker: Broker) -> None:
        self.name = name
        self.broker = broker
        self._queues: list[str] = []
        self._making = asyncio.Lock()

    async def connect(self, url: str = "", *, lease_seconds: float = LEASE_SECONDS) -> Bus:
        return await CONNECTS[self.name](url or self.broker.url, lease_seconds)

    async def queue(self) -> str:
        """Returns the subject of an empty queue that no other test uses."""
        async with self._making:
            if not self._queues:
                self._queues = await self._new_queues()
            return self._queues.pop()

    async def restart(self, *, gracefully: bool = False, wiped: bool = False) -> None:
        """Stops or kills the broker and starts it again, without its data if `wiped`."""
        await (self.broker.stop() if gracefully else self.broker.kill())
        if wiped:
            self.broker.wipe()
            self._queues = []
        await self.broker.start()

    async def _new_queues(self) -> list[str]:
        queues = [new_queue() for _ in range(QUEUE_BATCH_SIZE)]
        bus = await self.connect()
        await asyncio.gather(*(wait_until_created(bus, queue) for queue in queues))
        await bus.close()
        return queues


def new_queue() -> str:
    return f"{STAGES}.{secrets.token_hex(4)}.engine"


async def wait_until_created(bus: Bus, queue: str) -> None:
    """Creates a queue, and retries: a busy broker may not create that many in the time that a bus allows."""
    while True:
        try:
            async with bus.consume(queue, prefetch=1):
                return
        except BusUnavailable:
            continue


async def connect_nats(url: str, lease_seconds: float) -> Bus:
    return await NatsBus.connect(url, name="test", lease_seconds=lease_seconds)


async def connect_rabbitmq(url: str, lease_seconds: float) -> Bus:
    return await RabbitmqBus.connect(
        url, name="test", lease_seconds=lease_seconds, max_unacked_seconds=MAX_UNACKED_SECONDS
    )


def rabbitmq_broker(folder: Path) -> RabbitmqBroker:
    return RabbitmqBroker(folder, consumer_timeout_seconds=RABBITMQ_CONSUMER_TIMEOUT_SECONDS)


BROKERS: dict[str, Callable[[Path], Broker]] = {"nats": NatsBroker, "rabbitmq": rabbitmq_broker}
CONNECTS: dict[str, Callable[[str, float], Awaitable[Bus]]] = {
    "nats": connect_nats,
    "rabbitmq": connect_rabbitmq,
}
"""Connects an adapter, by name. A new adapter needs an entry here and in `BROKERS`."""
