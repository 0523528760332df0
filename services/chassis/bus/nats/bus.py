"""The bus on NATS: JetStream work queues, core NATS broadcasts."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from services.chassis.aio import gather_all, raise_if_cancelled
from services.chassis.bus.limits import check_size
from services.chassis.bus.nats.connection import REPLY_SECONDS, NatsConnection, translated_errors
from services.chassis.bus.nats.inbox import NatsInbox
from services.chassis.bus.nats.publisher import NatsPublisher
from services.chassis.bus.nats.pull_consumer import NatsDelivery, NatsQueue, envelope_of
from services.chassis.bus.nats.topology import NatsTopology
from services.chassis.bus.protocol import Envelope
from services.chassis.bus.subjects import REPLACE_EARLIER, STREAMS, health_subject
from services.chassis.disk import HEALTH_BYTES
from services.chassis.errors import BusUnavailable

CHECK_SECONDS = 3.0
"""Time limit of storing one message to check that the server does so."""


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
        with translated_errors("store a message"):
            try:
                await self._check_streams()
            except nats.js.errors.NoStreamResponseError:
                await self._topology.ensure_streams()
                await self._check_streams()

    async def close(self) -> None:
        await self._connection.close()

    async def _check_streams(self) -> None:
        """Stores a message in each stream and reads it back.

        A stream whose write has failed once takes no more of them until the server is started again, while
        the others go on: each is asked.
        """
        await gather_all(map(self._check_stream, STREAMS.values()))

    async def _check_stream(self, stream: str) -> None:
        subject = health_subject(stream)
        stored = await self._jetstream.publish(
            subject, bytes(HEALTH_BYTES), timeout=CHECK_SECONDS, headers=REPLACE_EARLIER
        )
        found = await self._jetstream.get_last_msg(stream, subject)
        if (found.seq or 0) < stored.seq:
            raise BusUnavailable(f"The message broker does not give back what {stream} has confirmed.")


async def _forever(arrived: asyncio.Queue[Envelope]) -> AsyncIterator[Envelope]:
    while True:
        yield await arrived.get()
