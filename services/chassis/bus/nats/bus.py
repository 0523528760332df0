"""The bus on NATS: JetStream work queues, core NATS broadcasts."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from services.chassis.aio import raise_if_cancelled
from services.chassis.bus.limits import check_size
from services.chassis.bus.nats.connection import REPLY_SECONDS, NatsConnection, translated_errors
from services.chassis.bus.nats.inbox import NatsInbox
from services.chassis.bus.nats.publisher import NatsPublisher
from services.chassis.bus.nats.pull_consumer import NatsDelivery, NatsQueue, envelope_of
from services.chassis.bus.nats.topology import NatsTopology, stream_name
from services.chassis.bus.protocol import Envelope


class NatsBus:
    """Implements `Bus`. A queue drops a second message with the same id within ten minutes."""

    def __init__(
        self, connection: NatsConnection, jetstream: JetStreamContext, topology: NatsTopology
    ) -> None:
        self._connection = connection
        self._jetstream = jetstream
        self._topology = topology
        self._publisher = NatsPublisher(connection, NatsInbox(connection))

    @classmethod
    async def connect(
        cls, url: str, *, name: str, lease_seconds: float, production: bool = False
    ) -> "NatsBus":
        """Connects and creates the streams.

        Raises `BusUnavailable` if no server answers in time or if the streams cannot be stored as safely as
        required.
        """
        connection = NatsConnection()
        await connection.open(url, name=name)
        jetstream = JetStreamContext(connection.client, timeout=REPLY_SECONDS)
        topology = NatsTopology(jetstream, lease_seconds=lease_seconds, production=production)
        try:
            await topology.ensure_streams()
        except BaseException:
            await connection.close()
            raise
        return cls(connection, jetstream, topology)

    async def publish(self, envelope: Envelope) -> None:
        # The server ends the connection of a client that exceeds its limit.
        check_size(envelope, self._connection.client.max_payload)
        await self._connection.ready()
        with translated_errors("confirm a message"):
            try:
                await self._publisher.publish(envelope)
            except nats.js.errors.NoStreamResponseError:
                await self._topology.ensure_streams()
                await self._publisher.publish(envelope)

    @asynccontextmanager
    async def consume(self, subject: str, *, prefetch: int) -> AsyncGenerator[AsyncGenerator[NatsDelivery]]:
        queue = NatsQueue(self._connection, self._topology, subject, prefetch=prefetch)
        await self._connection.ready()
        await queue.prepare()
        deliveries = queue.deliveries()
        try:
            yield deliveries
        finally:
            await deliveries.aclose()
            await queue.release_unacked()

    async def broadcast(self, envelope: Envelope) -> None:
        check_size(envelope, self._connection.client.max_payload)
        await self._connection.ready()
        with translated_errors("take a broadcast"):
            await self._connection.client.publish(
                envelope.subject, envelope.data, headers=dict(envelope.headers)
            )
            await self._publisher.wait_until_processed()

    @asynccontextmanager
    async def listen(self, subject: str) -> AsyncGenerator[AsyncIterator[Envelope]]:
        arrived: asyncio.Queue[Envelope] = asyncio.Queue()

        async def handle_message(message: Msg) -> None:
            arrived.put_nowait(envelope_of(message))

        await self._connection.ready()
        with translated_errors("take a subscription"):
            subscription = await self._connection.subscribe(subject, handle_message)
        try:
            with translated_errors("take a subscription"):
                await self._publisher.wait_until_processed()
            raise_if_cancelled()
            yield _forever(arrived)
        finally:
            with suppress(nats.errors.Error):  # a closed connection has no subscriptions left
                await subscription.unsubscribe()

    async def check(self) -> None:
        await self._connection.ready()
        with translated_errors("answer"):
            await self._jetstream.stream_info(stream_name("likeness.stages.v1.check"))

    async def close(self) -> None:
        await self._connection.close()


async def _forever(arrived: asyncio.Queue[Envelope]) -> AsyncIterator[Envelope]:
    while True:
        yield await arrived.get()
