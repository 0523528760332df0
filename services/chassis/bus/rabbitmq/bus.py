"""The bus on RabbitMQ: quorum queues, and an exclusive queue for each who listens to broadcasts."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from services.chassis.bus.limits import check_size
from services.chassis.bus.protocol import Envelope
from services.chassis.bus.rabbitmq.cluster import check_cluster
from services.chassis.bus.rabbitmq.connection import RabbitmqConnection
from services.chassis.bus.rabbitmq.consumer import HOLD_SECONDS, RabbitmqQueue
from services.chassis.bus.rabbitmq.declare import make_work_queue
from services.chassis.bus.rabbitmq.delivery import RabbitmqDelivery
from services.chassis.bus.rabbitmq.listener import listening
from services.chassis.bus.rabbitmq.topology import (
    BROADCAST,
    WORK,
    declare_exchanges,
    kept_subject,
)
from services.chassis.errors import BusUnavailable


class RabbitmqBus:
    """See `Bus`. A message that is published twice arrives twice."""

    def __init__(
        self, connection: RabbitmqConnection, *, lease_seconds: float, hold_seconds: float = HOLD_SECONDS
    ) -> None:
        self._connection = connection
        self._lease_seconds = lease_seconds
        self._hold_seconds = hold_seconds
        self._making_queue: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._queues_made: dict[str, float] = {}

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        name: str,
        lease_seconds: float,
        hold_seconds: float = HOLD_SECONDS,
        production: bool = False,
    ) -> "RabbitmqBus":
        """Raises `BusUnavailable` if no broker answers in time or, in production, it is not safe enough."""
        if production:
            await check_cluster(url)
        connection = RabbitmqConnection()
        await connection.open(url, name=name, lease_seconds=lease_seconds)
        return cls(connection, lease_seconds=lease_seconds, hold_seconds=hold_seconds)

    async def publish(self, envelope: Envelope) -> None:
        check_size(envelope)
        kept = kept_subject(envelope.subject)
        began = asyncio.get_running_loop().time()
        if await self._publish_once(envelope):
            return
        await self._make_queue(kept, since=began)
        if not await self._publish_once(envelope):
            raise BusUnavailable(f"The message broker has no queue for {envelope.subject}.")

    @asynccontextmanager
    async def consume(
        self, subject: str, *, prefetch: int
    ) -> AsyncGenerator[AsyncGenerator[RabbitmqDelivery]]:
        queue = RabbitmqQueue(
            self._connection,
            subject,
            prefetch=prefetch,
            lease_seconds=self._lease_seconds,
            hold_seconds=self._hold_seconds,
        )
        deliveries = queue.deliveries()
        try:
            await queue.prepare()
            yield deliveries
        finally:
            await deliveries.aclose()
            await queue.leave()

    async def broadcast(self, envelope: Envelope) -> None:
        check_size(envelope)
        await self._connection.publish(
            BROADCAST, envelope.subject, envelope.data, dict(envelope.headers), mandatory=False
        )

    def listen(self, subject: str) -> AbstractAsyncContextManager[AsyncIterator[Envelope]]:
        return listening(self._connection, subject)

    async def check(self) -> None:
        async with self._connection.brief_channel("answer") as channel:
            await declare_exchanges(channel)

    async def close(self) -> None:
        await self._connection.close()

    async def _publish_once(self, envelope: Envelope) -> bool:
        return await self._connection.publish(WORK, envelope.subject, envelope.data, dict(envelope.headers))

    async def _make_queue(self, subject: str, *, since: float) -> None:
        """Once for all who have found it missing at the same time."""
        async with self._making_queue[subject]:
            if self._queues_made.get(subject, 0.0) >= since:
                return
            await make_work_queue(self._connection, subject)
            self._queues_made[subject] = asyncio.get_running_loop().time()
