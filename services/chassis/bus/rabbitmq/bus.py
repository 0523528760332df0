"""The bus on RabbitMQ: quorum queues for work, and an exclusive queue for each broadcast listener."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from services.chassis.bus.limits import check_size
from services.chassis.bus.protocol import Envelope
from services.chassis.bus.rabbitmq.cluster import check_cluster
from services.chassis.bus.rabbitmq.connection import RabbitmqConnection
from services.chassis.bus.rabbitmq.consumer import MAX_UNACKED_SECONDS, RabbitmqQueue
from services.chassis.bus.rabbitmq.declare import declare_queue, declare_work_queue
from services.chassis.bus.rabbitmq.delivery import RabbitmqDelivery
from services.chassis.bus.rabbitmq.listener import listening
from services.chassis.bus.rabbitmq.topology import (
    BROADCAST,
    HEALTH_QUEUE,
    WORK,
    health_queue,
    queue_subject,
)
from services.chassis.disk import HEALTH_BYTES
from services.chassis.errors import BusUnavailable


class RabbitmqBus:
    """Implements `Bus`. A message that is published twice arrives twice."""

    def __init__(
        self,
        connection: RabbitmqConnection,
        *,
        lease_seconds: float,
        max_unacked_seconds: float = MAX_UNACKED_SECONDS,
    ) -> None:
        self._connection = connection
        self._lease_seconds = lease_seconds
        self._max_unacked_seconds = max_unacked_seconds
        self._declaring: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._declared_at: dict[str, float] = {}

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        name: str,
        lease_seconds: float,
        max_unacked_seconds: float = MAX_UNACKED_SECONDS,
        production: bool = False,
    ) -> "RabbitmqBus":
        """Connects to the broker.

        Raises `BusUnavailable` if no broker answers in time or, in production, if it is not safe enough.
        """
        if production:
            await check_cluster(url)
        connection = RabbitmqConnection()
        await connection.open(url, name=name, lease_seconds=lease_seconds)
        return cls(connection, lease_seconds=lease_seconds, max_unacked_seconds=max_unacked_seconds)

    async def publish(self, envelope: Envelope) -> None:
        check_size(envelope)
        work_subject = queue_subject(envelope.subject)
        began = asyncio.get_running_loop().time()
        if await self._publish_once(envelope):
            return
        await self._declare_queue(work_subject, since=began)
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
            max_unacked_seconds=self._max_unacked_seconds,
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
        if not await self._publish_health():
            await declare_queue(self._connection, health_queue())
            if not await self._publish_health():
                raise BusUnavailable(f"The message broker has no queue {HEALTH_QUEUE}.")
        async with self._connection.brief_channel("give a message back") as channel:
            # Another process may have taken the message: that the queue answers is enough.
            await channel.basic_get(HEALTH_QUEUE, no_ack=True)

    async def close(self) -> None:
        await self._connection.close()

    async def _publish_health(self) -> bool:
        """Publishes a message for a check; returns whether the queue has taken it."""
        return await self._connection.publish("", HEALTH_QUEUE, bytes(HEALTH_BYTES), {})

    async def _publish_once(self, envelope: Envelope) -> bool:
        """Publishes the message; returns whether a queue has taken it."""
        return await self._connection.publish(WORK, envelope.subject, envelope.data, dict(envelope.headers))

    async def _declare_queue(self, subject: str, *, since: float) -> None:
        """Declares a missing queue, once for all callers that have missed it at the same time."""
        async with self._declaring[subject]:
            if self._declared_at.get(subject, 0.0) >= since:
                return
            await declare_work_queue(self._connection, subject)
            self._declared_at[subject] = asyncio.get_running_loop().time()
