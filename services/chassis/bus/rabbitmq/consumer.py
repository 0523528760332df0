"""One queue subject, consumed so that no more than `prefetch` messages are in hand."""

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
from services.chassis.bus.rabbitmq.message import HOLD, copy_headers, headers_of, tag_of
from services.chassis.bus.rabbitmq.unacked import UnackedMessages
from services.chassis.errors import BusUnavailable

log = structlog.get_logger()

HOLD_SECONDS = 600.0
"""A third of the broker's usual `consumer_timeout`."""


class RabbitmqQueue:
    """A keeper task keeps a session open and sees to the leases, which RabbitMQ does not know.

    RabbitMQ ends a channel on which a message is in hand for longer than `consumer_timeout`. What is in
    hand for `hold_seconds` is therefore put into a queue of the session's own and received from there,
    as often as it takes; if this process dies, it goes back from there to the queue it came from.
    """

    def __init__(
        self,
        connection: RabbitmqConnection,
        subject: str,
        *,
        prefetch: int,
        lease_seconds: float,
        hold_seconds: float = HOLD_SECONDS,
    ) -> None:
        self._connection = connection
        self._subject = subject
        self._prefetch = prefetch
        self._lease_seconds = lease_seconds
        self._hold_seconds = hold_seconds
        self._changed = asyncio.Event()
        self._has_no_tap = asyncio.Event()
        self._is_fetching = False
        self._arrived: asyncio.Queue[RabbitmqDelivery | BaseException] = asyncio.Queue()
        self._hand = UnackedMessages(connection, on_room=self._changed.set)
        self._awaited_copies: dict[str, RabbitmqDelivery] = {}
        self._seems_deaf = False
        self._keeper: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        session = await self._open_session()
        self._keeper = asyncio.create_task(self._keep(session), name=f"keep {self._subject}")
        raise_if_cancelled()

    async def deliveries(self) -> AsyncGenerator[RabbitmqDelivery]:
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
                    await self._has_no_tap.wait()
            await self._release(self._untaken())

    async def leave(self) -> None:
        """Hand back what was not ended; if the broker is away, the loss of the connection does it."""
        await self._release(tuple(self._hand.open))
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

    def _untaken(self) -> Iterable[RabbitmqDelivery]:
        while not self._arrived.empty():
            if isinstance(arrived := self._arrived.get_nowait(), RabbitmqDelivery):
                yield arrived

    async def _open_session(self) -> RabbitmqSession:
        return await RabbitmqSession.open(self._connection, self._subject, on_lost=self._changed.set)

    async def _keep(self, session: RabbitmqSession) -> None:
        """Runs until it is cancelled, or the connection is closed for good."""
        try:
            while True:
                await self._tend(session)
                session = await self._next_session()
        except BusUnavailable as error:
            self._arrived.put_nowait(error)
        except Exception as error:
            self._arrived.put_nowait(error)
            raise
        finally:
            self._has_no_tap.set()

    async def _next_session(self) -> RabbitmqSession:
        while True:
            try:
                return await self._open_session()
            except BusUnavailable as error:
                if self._connection.is_closed:
                    raise
                log.warning("bus.consumer_interrupted", subject=self._subject, error=error.message)
                await asyncio.sleep(RETRY_SECONDS)

    async def _tend(self, session: RabbitmqSession) -> None:
        """Returns when the session has ended."""
        self._seems_deaf = False
        try:
            while session.is_alive:
                self._changed.clear()
                await self._see_to(session)
                try:
                    async with asyncio.timeout(min(self._lease_seconds, self._hold_seconds) / 4):
                        await self._changed.wait()
                except TimeoutError:
                    await self._listen_hard(session)
        except BusUnavailable as error:
            log.warning("bus.consumer_interrupted", subject=self._subject, error=error.message)
        finally:
            self._awaited_copies.clear()
            await session.close()

    async def _listen_hard(self, session: RabbitmqSession) -> None:
        """RabbitMQ 3.10 may forget to tell a consumer that its queue was deleted, and never serve it again.

        Raises `BusUnavailable` if messages wait, as they did the last time, and none has come.
        """
        is_idle = self._is_fetching and not self._hand.open
        seemed_deaf, self._seems_deaf = self._seems_deaf, is_idle and await session.waiting_messages() > 0
        if seemed_deaf and self._seems_deaf:
            raise BusUnavailable(f"The message broker does not deliver what waits on {self._subject}.")

    async def _see_to(self, session: RabbitmqSession) -> None:
        now = asyncio.get_running_loop().time()
        for delivery in [each for each in self._hand.open if each.is_current]:
            if now - delivery.renewed_at >= self._lease_seconds:
                await self._end_lease(session, delivery)
            elif now - delivery.taken_at >= self._hold_seconds:
                await self._hold(session, delivery)
        if self._is_fetching:
            await self._top_up(session)
        else:
            for tap in tuple(session.taps.values()):
                await session.close_tap(tap)
        if not session.taps:
            self._has_no_tap.set()

    async def _top_up(self, session: RabbitmqSession) -> None:
        """The broker fills an open tap by itself; what came through closed ones counts here."""
        taps = session.taps.values()
        behind_taps = sum(len(tap.in_hand) for tap in taps)
        free = self._prefetch - sum(tap.width for tap in taps) - (len(self._hand.open) - behind_taps)
        if free > 0:
            self._has_no_tap.clear()
            await session.open_tap(free, partial(self._receive, session))

    async def _receive(
        self, session: RabbitmqSession, tap: BrokerConsumer, message: DeliveredMessage
    ) -> None:
        self._seems_deaf = False
        delivery = await self._hand.take(session, tap, message)
        if delivery is None:
            return
        if self._is_fetching:
            self._arrived.put_nowait(delivery)
        else:
            await delivery.release()

    async def _end_lease(self, session: RabbitmqSession, delivery: RabbitmqDelivery) -> None:
        """It counts as in hand until its handler is done, so it is not replaced by another."""
        log.warning("bus.lease_ended", subject=self._subject, id=delivery.envelope.id)
        await session.close_tap(delivery.tap)
        if delivery.let_go():
            await self._hand.give_back(delivery)

    async def _hold(self, session: RabbitmqSession, delivery: RabbitmqDelivery) -> None:
        await session.close_tap(delivery.tap)
        number = uuid4().hex
        self._awaited_copies[number] = delivery
        headers = copy_headers(delivery.envelope, delivery.attempt, **{HOLD: number})
        try:
            queue = await session.held_queue(partial(self._receive_held, session), self._lease_seconds)
            await self._connection.publish("", queue, delivery.envelope.data, headers)
        except BusUnavailable as error:
            log.warning("bus.hold_failed", subject=self._subject, error=error.message)
        else:
            delivery.taken_at = asyncio.get_running_loop().time()

    async def _receive_held(self, session: RabbitmqSession, message: DeliveredMessage) -> None:
        """The copy takes the place of what is in hand; if that has been ended by now, of nothing."""
        superseded, copy = tag_of(message), tag_of(message)
        delivery = self._awaited_copies.pop(headers_of(message)[HOLD], None)
        if delivery is not None and delivery.is_current and delivery.session is session:
            superseded, delivery.tag, delivery.is_held = delivery.tag, copy, True
        await session.acknowledge(superseded)
