"""A channel on which a queue is consumed. Its unacknowledged messages end with it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel

from services.chassis.bus.rabbitmq.connection import (
    BROKER_ERRORS,
    REPLY_SECONDS,
    RabbitmqConnection,
    close_in_time,
    closing_of,
    translated_errors,
)
from services.chassis.bus.rabbitmq.declare import declare_queue, declare_work_queue
from services.chassis.bus.rabbitmq.topology import private_queue, queue_name, work_queue

Receive = Callable[[DeliveredMessage], Coroutine[Any, Any, None]]


@dataclass(eq=False, slots=True)
class BrokerConsumer:
    """A consumer as the broker knows it, with up to `prefetch` unacknowledged messages."""

    name: str
    prefetch: int
    unacked: set[Any] = field(default_factory=set[Any])
    is_open: bool = True


class RabbitmqSession:
    """A channel with its consumers and its private queue.

    Its calls to the broker are for one task only; `acknowledge` and `refuse` are safe for all tasks.
    """

    def __init__(self, connection: RabbitmqConnection, channel: Channel, subject: str) -> None:
        self._connection = connection
        self._subject = subject
        self._channel = channel
        self.work_queue = queue_name(subject)
        self._private_queue = ""
        self.consumers: dict[str, BrokerConsumer] = {}
        self.is_alive = True

    @classmethod
    async def open(
        cls, connection: RabbitmqConnection, subject: str, on_lost: Callable[[], None]
    ) -> "RabbitmqSession":
        """Declares the work queue and opens the channel; `on_lost` is called when the channel is lost."""
        await declare_work_queue(connection, subject)
        channel = await connection.open_channel()
        session = cls(connection, channel, subject)

        def lose(_: object) -> None:
            session.is_alive = False
            session.forget_consumers()
            on_lost()

        closing_of(channel).add_done_callback(lose)
        channel.on_consumer_cancel_callbacks.add(lose)
        return session

    async def open_consumer(
        self, prefetch: int, receive: Callable[[BrokerConsumer, DeliveredMessage], Awaitable[None]]
    ) -> None:
        """Starts a consumer of the work queue with up to `prefetch` unacknowledged messages."""
        consumer = BrokerConsumer(uuid4().hex, prefetch)

        async def handle_message(message: DeliveredMessage) -> None:
            await receive(consumer, message)

        self.consumers[consumer.name] = consumer
        await self._consume(self.work_queue, prefetch, handle_message, name=consumer.name)

    async def cancel_consumer(self, consumer: BrokerConsumer) -> None:
        """Cancels a consumer; its unacknowledged messages stay valid."""
        if consumer.is_open:
            consumer.is_open = False
            self.consumers.pop(consumer.name, None)
            with translated_errors("end a consumer"):
                async with asyncio.timeout(REPLY_SECONDS):
                    await self._channel.basic_cancel(consumer.name)

    def forget_consumers(self) -> None:
        """Marks all consumers as closed without a request to the broker."""
        while self.consumers:
            self.consumers.popitem()[1].is_open = False

    async def waiting_messages(self) -> int:
        """Returns the number of messages in the work queue that were not delivered to any consumer."""
        queue = work_queue(self._subject)
        with translated_errors("tell what waits"):
            async with asyncio.timeout(REPLY_SECONDS):
                declared = await self._channel.queue_declare(
                    queue.name, durable=True, arguments=queue.arguments
                )
        return declared.message_count or 0

    async def open_private_queue(self, receive: Receive, lease_seconds: float) -> str:
        """Returns the name of this session's own queue, which `receive` consumes; creates it on first use."""
        if not self._private_queue:
            queue = private_queue(self.work_queue, lease_seconds)
            await declare_queue(self._connection, queue)
            await self._consume(queue.name, 0, receive, name=queue.name)
            self._private_queue = queue.name
        return self._private_queue

    async def acknowledge(self, tag: int) -> None:
        """Acknowledges the message with this tag."""
        await self._send(lambda: self._channel.basic_ack(tag, wait=False))

    async def refuse(self, tag: int, *, requeue: bool) -> None:
        """Refuses the message with this tag: it returns to its queue, or becomes a dead letter."""
        await self._send(lambda: self._channel.basic_nack(tag, requeue=requeue, wait=False))

    async def close(self) -> None:
        self.is_alive = False
        self.forget_consumers()
        await close_in_time(self._channel.close())

    async def _consume(self, queue: str, prefetch: int, receive: Receive, *, name: str) -> None:
        # Bypasses aio-pika's own consumer, which starts a second task for each message.
        with translated_errors("start a consumer"):
            async with asyncio.timeout(REPLY_SECONDS):
                await self._channel.basic_qos(prefetch_count=prefetch)
                await self._channel.basic_consume(queue, receive, consumer_tag=name)

    async def _send(self, send_ack: Callable[[], Awaitable[None]]) -> None:
        """Sends an acknowledgement.

        On a closed channel nothing is sent: the broker has requeued its messages.
        """
        with translated_errors("take an acknowledgement"):
            try:
                async with asyncio.timeout(REPLY_SECONDS):
                    await send_ack()
            except BROKER_ERRORS:
                if self.is_alive and not self._channel.is_closed:
                    raise
