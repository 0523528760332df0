"""One queue subject, pulled so that no more than `prefetch` messages are in hand."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from services.chassis.aio import cancel_and_wait, raise_if_cancelled, wait_out
from services.chassis.bus.nats.connection import REPLY_SECONDS, NatsConnection, translated_errors
from services.chassis.bus.nats.subscription import end_subscription
from services.chassis.bus.nats.topology import NatsTopology, consumer_of, stream_of
from services.chassis.bus.protocol import Envelope
from services.chassis.errors import BusUnavailable

log = structlog.get_logger()

PULL_SECONDS = 30.0
HEARTBEAT_SECONDS = 5.0
SILENCE_SECONDS = 2.5 * HEARTBEAT_SECONDS
RETRY_SECONDS = 0.5

_HEARTBEAT = "100"
_PULL_ENDED = ("404", "408")
_UNREADABLE = b"{"
"""A request that no consumer fulfils, and each refuses."""


class NatsDelivery:
    """A `Delivery`. Once the queue has been made anew, what it says to the old one is not sent: the
    broker does not fence acknowledgements, and the same number may stand for another message now."""

    __slots__ = ("_message", "_queue", "_queue_made", "envelope")

    def __init__(self, queue: "NatsQueue", message: Msg, queue_made: datetime | None) -> None:
        self.envelope = envelope_of(message)
        self._queue = queue
        self._message = message
        self._queue_made = queue_made

    @property
    def attempt(self) -> int:
        return self._message.metadata.num_delivered

    async def ack(self) -> None:
        await self._end(self._message.ack)

    async def release(self, delay: float = 0.0) -> None:
        await self._end(partial(self._message.nak, delay=delay))

    async def reject(self) -> None:
        await self._end(self._message.term)

    async def extend(self) -> None:
        await self._queue.send(self._message.in_progress, self._queue_made)

    async def _end(self, say: Callable[[], Awaitable[None]]) -> None:
        try:
            await self._queue.send(say, self._queue_made)
        finally:
            self._queue.close_delivery(self)


class NatsQueue:
    """Messages arrive through pull requests on an inbox of the session. Whenever anything is in doubt
    (a reconnection, silence, a lost consumer) the session ends and another one begins."""

    def __init__(
        self, connection: NatsConnection, topology: NatsTopology, subject: str, *, prefetch: int
    ) -> None:
        self._connection = connection
        self._topology = topology
        self._subject = subject
        self._prefetch = prefetch
        self._worth_asking = max(1, prefetch // 4)
        self._arrived: asyncio.Queue[NatsDelivery | BaseException] = asyncio.Queue()
        self._open: set[NatsDelivery] = set()
        self._made: datetime | None = None
        self._session = 0
        self._requested = 0
        self._heard_at = 0.0
        self._changed = asyncio.Event()

    async def prepare(self) -> None:
        self._made = await self._topology.ensure_consumer(self._subject)
        raise_if_cancelled()

    async def deliveries(self) -> AsyncGenerator[NatsDelivery]:
        feed = asyncio.create_task(self._feed(), name=f"feed {self._subject}")
        try:
            while True:
                arrived = await self._arrived.get()
                if isinstance(arrived, BaseException):
                    raise arrived
                yield arrived
        finally:
            await cancel_and_wait([feed])
            await self._release(self._untaken())

    async def _feed(self) -> None:
        """Runs until it is cancelled."""
        forget = self._connection.on_reconnected(self._end_session)
        try:
            while True:
                await self._feed_once()
        except Exception as error:
            self._arrived.put_nowait(error)
            raise
        finally:
            forget()

    async def release_open(self) -> None:
        """Hand back what was not ended; if the broker is away, the lease does it."""
        await self._release(tuple(self._open))

    async def _release(self, deliveries: Iterable[NatsDelivery]) -> None:
        releases = [delivery.release() for delivery in deliveries]
        for result in await asyncio.gather(*releases, return_exceptions=True):
            if isinstance(result, BaseException):
                log.warning("bus.release_failed", subject=self._subject, error=str(result))

    def _untaken(self) -> Iterable[NatsDelivery]:
        while not self._arrived.empty():
            if isinstance(arrived := self._arrived.get_nowait(), NatsDelivery):
                yield arrived

    async def send(self, say: Callable[[], Awaitable[None]], queue_made: datetime | None) -> None:
        await self._connection.ready()
        if queue_made == self._made:
            with translated_errors("take an acknowledgement"):
                await say()

    def close_delivery(self, delivery: NatsDelivery) -> None:
        self._open.discard(delivery)
        self._ask_if_worth_it()

    async def _feed_once(self) -> None:
        try:
            await self._run_session()
        except (BusUnavailable, nats.errors.Error, OSError) as error:
            log.warning("bus.consumer_interrupted", subject=self._subject, error=str(error))
            await asyncio.sleep(RETRY_SECONDS)

    async def _run_session(self) -> None:
        await self._connection.ready()
        await self.prepare()
        session, self._requested = self._session, 0
        inbox = self._connection.client.new_inbox()
        subscription = await self._connection.subscribe(inbox, partial(self._handle_message, session))
        try:
            while session == self._session:
                self._changed.clear()
                await self._pull(inbox)
                await self._wait_for_change()
        finally:
            self._end_session()
            await self._leave(subscription)

    async def _pull(self, inbox: str) -> None:
        free = self._free
        if not self._is_worth_asking(free):
            return
        request = {
            "batch": free,
            "expires": int(PULL_SECONDS * 1e9),
            "idle_heartbeat": int(HEARTBEAT_SECONDS * 1e9),
        }
        subject = self._requests_subject
        self._requested += free
        self._heard_at = asyncio.get_running_loop().time()
        await self._connection.client.publish(subject, json.dumps(request).encode(), reply=inbox)

    @property
    def _free(self) -> int:
        return self._prefetch - len(self._open) - self._requested

    def _is_worth_asking(self, free: int) -> bool:
        return free >= self._worth_asking or (free > 0 and self._requested <= 0)

    def _ask_if_worth_it(self) -> None:
        if self._is_worth_asking(self._free):
            self._changed.set()

    async def _wait_for_change(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            until = self._heard_at + SILENCE_SECONDS
            try:
                async with asyncio.timeout_at(until if self._requested > 0 else None):
                    await self._changed.wait()
                return
            except TimeoutError:
                if self._requested > 0 and loop.time() >= self._heard_at + SILENCE_SECONDS:
                    log.warning("bus.consumer_silent", subject=self._subject)
                    self._end_session()
                    return

    async def _handle_message(self, session: int, message: Msg) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        status = (message.headers or {}).get("Status")
        if status is not None:
            self._handle_status(session, status, message.headers or {})
        elif session != self._session:
            await message.nak()
        else:
            self._requested -= 1
            delivery = NatsDelivery(self, message, self._made)
            self._open.add(delivery)
            self._arrived.put_nowait(delivery)
        self._ask_if_worth_it()

    def _handle_status(self, session: int, status: str, headers: dict[str, str]) -> None:
        if session != self._session or status == _HEARTBEAT:
            return
        if status in _PULL_ENDED:
            self._requested -= int(headers.get("Nats-Pending-Messages", "1"))
        else:
            log.warning("bus.pull_refused", subject=self._subject, status=status, **_description(headers))
            self._end_session()

    def _end_session(self) -> None:
        self._session += 1
        self._changed.set()

    async def _leave(self, subscription: Subscription) -> None:
        """Afterwards the server keeps no request of the session; what was on its way has been handed back.

        Cancelling it ends it no sooner. A loss of the connection does: the client would subscribe again, and
        the requests would be as good as new.
        """
        leaving = asyncio.create_task(self._end(subscription), name=f"leave {self._subject}")
        forget = self._connection.on_lost(leaving.cancel)
        try:
            await wait_out(leaving)
        finally:
            forget()
        if not leaving.cancelled():
            leaving.result()

    async def _end(self, subscription: Subscription) -> None:
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                await end_subscription(self._connection.client, subscription, self._until_refused)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            log.warning("bus.leave_failed", subject=self._subject, error=str(error))

    async def _until_refused(self) -> None:
        """What the server was told before, the consumer knows as well, on whatever server of a cluster it is
        kept: it has answered. If nobody answers for it, it has gone, and the requests with it."""
        with suppress(nats.errors.NoRespondersError):
            await self._connection.client.request(self._requests_subject, _UNREADABLE, timeout=REPLY_SECONDS)

    @property
    def _requests_subject(self) -> str:
        return f"$JS.API.CONSUMER.MSG.NEXT.{stream_of(self._subject)}.{consumer_of(self._subject)}"


def envelope_of(message: Msg) -> Envelope:
    headers = {name: value for name, value in (message.headers or {}).items() if not name.startswith("Nats-")}
    return Envelope(subject=message.subject, id=headers.get("ce-id", ""), data=message.data, headers=headers)


def _description(headers: dict[str, str]) -> dict[str, str]:
    return {"description": headers.get("Description", "")}
