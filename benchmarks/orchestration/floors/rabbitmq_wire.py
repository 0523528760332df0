"""Sends and receives with raw aio-pika: quorum queues, persistent messages, many confirms in flight."""

import asyncio
from collections.abc import Callable, Sequence

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractRobustConnection
from pamqp.common import Arguments

from benchmarks.orchestration.floors import REQUESTS, STATUSES
from benchmarks.orchestration.floors.wire import PREFETCH, Received

QUORUM: Arguments = {"x-queue-type": "quorum"}


class RabbitmqWire:
    """A wire over quorum queues. Every publish is confirmed."""

    def __init__(self) -> None:
        self._connection: AbstractRobustConnection
        self._channel: AbstractChannel

    async def open(self, url: str) -> None:
        self._connection = await aio_pika.connect_robust(url)
        self._channel = await self._connection.channel(publisher_confirms=True)
        await self._channel.set_qos(PREFETCH)
        for queue in (REQUESTS, STATUSES):
            await self._channel.declare_queue(queue, durable=True, arguments=QUORUM)

    async def send(self, queue: str, bodies: Sequence[bytes]) -> None:
        exchange = self._channel.default_exchange
        persistent = aio_pika.DeliveryMode.PERSISTENT
        messages = [aio_pika.Message(body, delivery_mode=persistent) for body in bodies]
        await asyncio.gather(*(exchange.publish(message, queue) for message in messages))

    async def receive(self, queue: str, handle: Callable[[Received], None]) -> None:
        async def take(message: AbstractIncomingMessage) -> None:
            handle((message.body, message.ack))

        declared = await self._channel.declare_queue(queue, durable=True, arguments=QUORUM)
        await declared.consume(take)

    async def close(self) -> None:
        await self._connection.close()
