"""Broadcast listener of one subject, on an exclusive queue."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel

from services.chassis.aio import cancel_and_wait, raise_if_cancelled
from services.chassis.bus.protocol import Envelope
from services.chassis.bus.rabbitmq.connection import (
    REPLY_SECONDS,
    RETRY_SECONDS,
    RabbitmqConnection,
    close_in_time,
    closing_of,
    translated_errors,
)
from services.chassis.bus.rabbitmq.message import envelope_of
from services.chassis.bus.rabbitmq.topology import declare_listener
from services.chassis.errors import BusUnavailable

log = structlog.get_logger()


@asynccontextmanager
async def listening(connection: RabbitmqConnection, subject: str) -> AsyncGenerator[AsyncIterator[Envelope]]:
    """Yields the broadcasts on `subject` from now on.

    It recovers by itself after a lost connection, but misses what was broadcast meanwhile.
    """
    listener = _Listener(connection, subject)
    channel = await listener.open()
    keeper = asyncio.create_task(listener.keep(channel), name=f"listen {subject}")
    try:
        raise_if_cancelled()
        yield listener.messages()
    finally:
        await cancel_and_wait([keeper])


class _Listener:
    """A subscription that is renewed after every loss of its channel."""

    def __init__(self, connection: RabbitmqConnection, subject: str) -> None:
        self._connection = connection
        self._subject = subject
        self._arrived: asyncio.Queue[Envelope] = asyncio.Queue()

    async def messages(self) -> AsyncIterator[Envelope]:
        """Yields messages endlessly, in the order of their arrival."""
        while True:
            yield await self._arrived.get()

    async def open(self) -> Channel:
        """Subscribes on a new channel."""
        channel = await self._connection.open_channel()
        try:
            with translated_errors("take a subscription"):
                async with asyncio.timeout(REPLY_SECONDS):
                    queue = await declare_listener(channel, self._subject)
                    channel.on_consumer_cancel_callbacks.add(lambda _: channel.close())
                    await channel.basic_consume(queue, self._handle_message, no_ack=True)
        except BaseException:
            await close_in_time(channel.close())
            raise
        return channel

    async def keep(self, channel: Channel) -> None:
        """Subscribes again after every loss, until it is cancelled or the connection is closed for good."""
        while not self._connection.is_closed:
            try:
                await asyncio.wait({closing_of(channel)})
            finally:
                await close_in_time(channel.close())
            channel = await self._reopen()

    async def _reopen(self) -> Channel:
        while True:
            try:
                return await self.open()
            except BusUnavailable as error:
                log.warning("bus.listener_interrupted", subject=self._subject, error=error.message)
                await asyncio.sleep(RETRY_SECONDS)

    async def _handle_message(self, message: DeliveredMessage) -> None:
        self._arrived.put_nowait(envelope_of(message))
