"""Consumer of one queue subject with at most `prefetch` unacknowledged messages."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from functools import partial
from uuid import uuid4

import structlog
from aiormq.abc import DeliveredMessage

from services.chassis.aio import cancel_and_wait, raise_if_cancelled
from services.chassis.bus.rabbitmq.channel_session import BrokerConsumer, RabbitmqSession
from services.chassis.bus.rabbitmq.connection import CLOSE_SECONDS, RETRY_SECONDS, RabbitmqConnection
from services.chassis.bus.rabbitmq.delivery import RabbitmqDelivery
from services.chassis.bus.rabbitmq.message import PRIVATE_COPY, copy_headers, headers_of, tag_of
from services.chassis.bus.rabbitmq.unacked import UnackedMessages
from services.chassis.errors import BusUnavailable

log = structlog.get_logger()

MAX_UNACKED_SECONDS = 600.0
"""How long a message may stay unacknowledged in the work queue before it is moved to the session's private
queue: a third of the broker's default `consumer_timeout`.
"""


class RabbitmqQueue:
    """Consumes one subject; a keeper task keeps a session open and enforces leases, which RabbitMQ lacks.

    RabbitMQ closes a channel on which a message is unacknowledged for longer than `consumer_timeout`. A
    message that is unacknowledged for `max_unacked_seconds` is therefore moved to a private queue of the
    session and received from there, as often as needed; if this process dies, it returns from there to the
    queue it came from.
    """

    def __init__(
        self,
        connection: RabbitmqConnection,
        subject: str,
        *,
        prefetch: int,
        lease_seconds: float,
        max_unacked_seconds: float = MAX_UNACKED_SECONDS,
    ) -> None:
        self._connection = connection
        self._subject = subject
        self._prefetch = prefetch
        self._lease_seconds = lease_seconds
        self._max_unacked_seconds = max_unacked_seconds
        self._changed = asyncio.Event()
        self._has_no_consumer = asyncio.Event()
        self._is_fetching = False
        self._arrived: asyncio.Queue[RabbitmqDelivery | BaseException] = asyncio.Queue()
        self._unacked = UnackedMessages(connection, on_free_slot=self._changed.set)
        self._awaited_copies: dict[str, RabbitmqDelivery] = {}
        self._seems_stalled = False
        self._keeper: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Opens the first session and starts the keeper task."""
        session = await self._open_session()
        self._keeper = asyncio.create_task(self._keep(session), name=f"keep {self._subject}")
        raise_if_cancelled()

    async def deliveries(self) -> AsyncGenerator[RabbitmqDelivery]:
        """Yields deliveries endlessly. Closing it stops the fetching and releases what it has not yielded."""
        self._set_fetching(True)
        try:
            while True:
                arrived = await self._arrived.get()
                if isinstance(arrived, BaseException):
                    raise arrived
                if arrived.is_current:
                    yield arrived
                else:
                    await arrived.release()
        finally:
            self._set_fetching(False)
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._has_no_consumer.wait()
            await self._release(self._undelivered())

    async def leave(self) -> None:
        """Releases deliveries that were not ended.

        If the broker is away, the loss of the connection does it.
        """
        await self._release(tuple(self._unacked.open))
        if self._keeper is not None:
            await cancel_and_wait([self._keeper])

    def _set_fetching(self, is_fetching: bool) -> None:
        self._is_fetching = is_fetching
        self._changed.set()

    async def _release(self, deliveries: Iterable[RabbitmqDelivery]) -> None:
        releases = [delivery.release() for delivery in deliveries]
        for result in await asyncio.gather(*releases, return_exceptions=True):
            if isinstance(result, BaseException):
                log.warning("bus.release_failed", subject=self._subject, error=str(result))

    def _undelivered(self) -> Iterable[RabbitmqDelivery]:
        while not self._arrived.empty():
            if isinstance(arrived := self._arrived.get_nowait(), RabbitmqDelivery):
                yield arrived

    async def _open_session(self) -> RabbitmqSession:
        return await RabbitmqSession.open(self._connection, self._subject, on_lost=self._changed.set)

    async def _keep(self, session: RabbitmqSession) -> None:
        """Runs one session after the other, until it is cancelled or the connection is closed for good."""
        try:
            while True:
                await self._run_session(session)
                session = await self._next_session()
        except BusUnavailable as error:
            self._arrived.put_nowait(error)
        except Exception as error:
            self._arrived.put_nowait(error)
            raise
        finally:
            self._has_no_consumer.set()

    async def _next_session(self) -> RabbitmqSession:
        """Opens a session, and retries until the broker is back."""
        while True:
            try:
                return await self._open_session()
            except BusUnavailable as error:
                if self._connection.is_closed:
                    raise
                log.warning("bus.consumer_interrupted", subject=self._subject, error=error.message)
                await asyncio.sleep(RETRY_SECONDS)

    async def _run_session(self, session: RabbitmqSession) -> None:
        """Maintains the session and returns when it has ended."""
        self._seems_stalled = False
        try:
            while session.is_alive:
                self._changed.clear()
                await self._maintain(session)
                try:
                    async with asyncio.timeout(min(self._lease_seconds, self._max_unacked_seconds) / 4):
                        await self._changed.wait()
                except TimeoutError:
                    await self._check_for_stall(session)
        except BusUnavailable as error:
            log.warning("bus.consumer_interrupted", subject=self._subject, error=error.message)
        finally:
            self._awaited_copies.clear()
            await session.close()

    async def _check_for_stall(self, session: RabbitmqSession) -> None:
        """Raises `BusUnavailable` if messages wait, waited at the last check, and none was delivered between.

        RabbitMQ 3.10 may forget to tell a consumer that its queue was deleted, and never serve it again.
        """
        is_idle = self._is_fetching and not self._unacked.open
        seemed_stalled, self._seems_stalled = (
            self._seems_stalled,
            is_idle and await session.waiting_messages() > 0,
        )
        if seemed_stalled and self._seems_stalled:
            raise BusUnavailable(f"The message broker does not deliver what waits on {self._subject}.")

    async def _maintain(self, session: RabbitmqSession) -> None:
        """Ends leases, moves long-running messages to the private queue, and adjusts the consumers."""
        now = asyncio.get_running_loop().time()
        for delivery in [each for each in self._unacked.open if each.is_current]:
            if now - delivery.renewed_at >= self._lease_seconds:
                await self._end_lease(session, delivery)
            elif now - delivery.received_at >= self._max_unacked_seconds:
                await self._move_to_private_queue(session, delivery)
        if self._is_fetching:
            await self._fill_prefetch(session)
        else:
            for consumer in tuple(session.consumers.values()):
                await session.cancel_consumer(consumer)
        if not session.consumers:
            self._has_no_consumer.set()

    async def _fill_prefetch(self, session: RabbitmqSession) -> None:
        """Opens a consumer for the free part of the prefetch.

        The broker fills an open consumer by itself; messages of cancelled consumers count against the
        prefetch here.
        """
        consumers = session.consumers.values()
        unacked_by_open = sum(len(consumer.unacked) for consumer in consumers)
        free = (
            self._prefetch
            - sum(consumer.prefetch for consumer in consumers)
            - (len(self._unacked.open) - unacked_by_open)
        )
        if free > 0:
            self._has_no_consumer.clear()
            await session.open_consumer(free, partial(self._receive, session))

    async def _receive(
        self, session: RabbitmqSession, consumer: BrokerConsumer, message: DeliveredMessage
    ) -> None:
        self._seems_stalled = False
        delivery = await self._unacked.add(session, consumer, message)
        if delivery is None:
            return
        if self._is_fetching:
            self._arrived.put_nowait(delivery)
        else:
            await delivery.release()

    async def _end_lease(self, session: RabbitmqSession, delivery: RabbitmqDelivery) -> None:
        """Releases a message whose lease has ended.

        It counts against the prefetch until its handler is done, so it is not replaced by another.
        """
        log.warning("bus.lease_ended", subject=self._subject, id=delivery.envelope.id)
        await session.cancel_consumer(delivery.consumer)
        if delivery.expire():
            await self._unacked.release(delivery)

    async def _move_to_private_queue(self, session: RabbitmqSession, delivery: RabbitmqDelivery) -> None:
        """Publishes a copy of the message to the private queue, which restarts `consumer_timeout`."""
        await session.cancel_consumer(delivery.consumer)
        copy_id = uuid4().hex
        self._awaited_copies[copy_id] = delivery
        headers = copy_headers(delivery.envelope, delivery.attempt, **{PRIVATE_COPY: copy_id})
        try:
            queue = await session.open_private_queue(
                partial(self._receive_private_copy, session), self._lease_seconds
            )
            await self._connection.publish("", queue, delivery.envelope.data, headers)
        except BusUnavailable as error:
            log.warning("bus.private_copy_failed", subject=self._subject, error=error.message)
        else:
            delivery.received_at = asyncio.get_running_loop().time()

    async def _receive_private_copy(self, session: RabbitmqSession, message: DeliveredMessage) -> None:
        """Replaces the original by its copy, and acknowledges the original.

        If the original has been ended by now, the copy itself is acknowledged.
        """
        superseded, copy = tag_of(message), tag_of(message)
        delivery = self._awaited_copies.pop(headers_of(message)[PRIVATE_COPY], None)
        if delivery is not None and delivery.is_current and delivery.session is session:
            superseded, delivery.tag, delivery.is_in_private_queue = delivery.tag, copy, True
        await session.acknowledge(superseded)
