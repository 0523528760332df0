"""One channel on which a queue is consumed. What is in hand of it ends with it."""

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
    closing_of,
    in_bounded_time,
    translated_errors,
)
from services.chassis.bus.rabbitmq.declare import make_queue, make_work_queue
from services.chassis.bus.rabbitmq.topology import held_queue, queue_name, work_queue

Receive = Callable[[DeliveredMessage], Coroutine[Any, Any, None]]


@dataclass(eq=False, slots=True)
class BrokerConsumer:
    """A consumer as the broker knows it, which has up to `width` messages in hand."""

    name: str
    width: int
    in_hand: set[Any] = field(default_factory=set[Any])
    is_open: bool = True


class RabbitmqSession:
    """Its calls to the broker are for one task only; `acknowledge` and `refuse` are for everyone."""

    def __init__(self, connection: RabbitmqConnection, channel: Channel, subject: str) -> None:
        self._connection = connection
        self._subject = subject
        self._channel = channel
        self.work_queue = queue_name(subject)
        self._held_queue = ""
        self.taps: dict[str, BrokerConsumer] = {}
        self.is_alive = True

    @classmethod
    async def open(
        cls, connection: RabbitmqConnection, subject: str, on_lost: Callable[[], None]
    ) -> "RabbitmqSession":
        await make_work_queue(connection, subject)
        channel = await connection.open_channel()
        session = cls(connection, channel, subject)

        def lose(_: object) -> None:
            session.is_alive = False
            session.forget_taps()
            on_lost()

        closing_of(channel).add_done_callback(lose)
        channel.on_consumer_cancel_callbacks.add(lose)
        return session

    async def open_tap(
        self, width: int, receive: Callable[[BrokerConsumer, DeliveredMessage], Awaitable[None]]
    ) -> None:
        tap = BrokerConsumer(uuid4().hex, width)

        async def handle_message(message: DeliveredMessage) -> None:
            await receive(tap, message)

        self.taps[tap.name] = tap
        await self._consume(self.work_queue, width, handle_message, name=tap.name)

    async def close_tap(self, tap: BrokerConsumer) -> None:
        """What it has in hand stays valid."""
        if tap.is_open:
            tap.is_open = False
            self.taps.pop(tap.name, None)
            with translated_errors("end a consumer"):
                async with asyncio.timeout(REPLY_SECONDS):
                    await self._channel.basic_cancel(tap.name)

    def forget_taps(self) -> None:
        while self.taps:
            self.taps.popitem()[1].is_open = False

    async def waiting_messages(self) -> int:
        """How many there are that no consumer has in hand."""
        queue = work_queue(self._subject)
        with translated_errors("tell what waits"):
            async with asyncio.timeout(REPLY_SECONDS):
                declared = await self._channel.queue_declare(
                    queue.name, durable=True, arguments=queue.arguments
                )
        return declared.message_count or 0

    async def held_queue(self, receive: Receive, lease_seconds: float) -> str:
        """A queue of this session's own, consumed through `receive`."""
        if not self._held_queue:
            queue = held_queue(self.work_queue, lease_seconds)
            await make_queue(self._connection, queue)
            await self._consume(queue.name, 0, receive, name=queue.name)
            self._held_queue = queue.name
        return self._held_queue

    async def acknowledge(self, tag: int) -> None:
        await self._say(lambda: self._channel.basic_ack(tag, wait=False))

    async def refuse(self, tag: int, *, requeue: bool) -> None:
        await self._say(lambda: self._channel.basic_nack(tag, requeue=requeue, wait=False))

    async def close(self) -> None:
        self.is_alive = False
        self.forget_taps()
        await in_bounded_time(self._channel.close())

    async def _consume(self, queue: str, prefetch: int, receive: Receive, *, name: str) -> None:
        # Past aio-pika's own consumer, which starts a second task for each message.
        with translated_errors("start a consumer"):
            async with asyncio.timeout(REPLY_SECONDS):
                await self._channel.basic_qos(prefetch_count=prefetch)
                await self._channel.basic_consume(queue, receive, consumer_tag=name)

    async def _say(self, say: Callable[[], Awaitable[None]]) -> None:
        """To a channel that has gone there is nothing to say: the broker has given its messages back."""
        with translated_errors("take an acknowledgement"):
            try:
                async with asyncio.timeout(REPLY_SECONDS):
                    await say()
            except BROKER_ERRORS:
                if self.is_alive and not self._channel.is_closed:
                    raise
