"""Pull consumer of one queue subject with at most `prefetch` unacknowledged messages."""

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

from services.chassis.aio import cancel_and_wait, raise_if_cancelled, wait_until_done
from services.chassis.bus.nats.connection import REPLY_SECONDS, NatsConnection, translated_errors
from services.chassis.bus.nats.subscription import end_subscription
from services.chassis.bus.nats.topology import NatsTopology, consumer_name, stream_name
from services.chassis.bus.protocol import Envelope
from services.chassis.errors import BusUnavailable

log = structlog.get_logger()

PULL_SECONDS = 30.0
"""Expiry of a pull request."""
HEARTBEAT_SECONDS = 5.0
SILENCE_SECONDS = 2.5 * HEARTBEAT_SECONDS
"""Silence on an open pull request after which the session is replaced."""
RETRY_SECONDS = 0.5

_HEARTBEAT = "100"
_PULL_ENDED = ("404", "408")
_INVALID_PULL_REQUEST = b"{"
"""A request that every consumer refuses."""


class NatsDelivery:
    """Implements `Delivery`.

    Once the consumer has been created anew, acknowledgements for the old one are not sent: the broker does
    not fence acknowledgements, and the same number may stand for another message now.
    """

    __slots__ = ("_consumer_created", "_message", "_queue", "envelope")

    def __init__(self, queue: "NatsQueue", message: Msg, consumer_created: datetime | None) -> None:
        self.envelope = envelope_of(message)
        self._queue = queue
        self._message = message
        self._consumer_created = consumer_created

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
        await self._queue.send(self._message.in_progress, self._consumer_created)

    async def _end(self, send_ack: Callable[[], Awaitable[None]]) -> None:
        try:
            await self._queue.send(send_ack, self._consumer_created)
        finally:
            self._queue.close_delivery(self)


class NatsQueue:
    """Consumes one subject through pull requests on an inbox of the session.

    Whenever the state is in doubt (a reconnection, silence, a lost consumer) the session ends and another one
    begins.
    """

    def __init__(
        self, connection: NatsConnection, topology: NatsTopology, subject: str, *, prefetch: int
    ) -> None:
        self._connection = connection
        self._topology = topology
        self._subject = subject
        self._prefetch = prefetch
        self._min_pull_batch = max(1, prefetch // 4)
        self._arrived: asyncio.Queue[NatsDelivery | BaseException] = asyncio.Queue()
        self._unacked: set[NatsDelivery] = set()
        self._consumer_created: datetime | None = None
        self._session = 0
        self._requested = 0
        self._last_message_at = 0.0
        self._changed = asyncio.Event()

    async def prepare(self) -> None:
        """Creates the durable consumer unless it exists."""
        self._consumer_created = await self._topology.ensure_consumer(self._subject)
        raise_if_cancelled()

    async def deliveries(self) -> AsyncGenerator[NatsDelivery]:
        """Yields deliveries endlessly. Closing it stops the fetching and releases what it has not yielded."""
        sessions = asyncio.create_task(self._run_sessions(), name=f"sessions {self._subject}")
        try:
            while True:
                arrived = await self._arrived.get()
                if isinstance(arrived, BaseException):
                    raise arrived
                yield arrived
        finally:
            await cancel_and_wait([sessions])
            await self._release(self._undelivered())

    async def _run_sessions(self) -> None:
        """Runs one session after the other until it is cancelled."""
        forget = self._connection.on_reconnected(self._end_session)
        try:
            while True:
                await self._run_session_and_retry()
        except Exception as error:
            self._arrived.put_nowait(error)
            raise
        finally:
            forget()

    async def release_unacked(self) -> None:
        """Releases deliveries that were not ended; if the broker is away, the end of their lease does it."""
        await self._release(tuple(self._unacked))

    async def _release(self, deliveries: Iterable[NatsDelivery]) -> None:
        releases = [delivery.release() for delivery in deliveries]
        for result in await asyncio.gather(*releases, return_exceptions=True):
            if isinstance(result, BaseException):
                log.warning("bus.release_failed", subject=self._subject, error=str(result))

    def _undelivered(self) -> Iterable[NatsDelivery]:
        while not self._arrived.empty():
            if isinstance(arrived := self._arrived.get_nowait(), NatsDelivery):
                yield arrived

    async def send(self, send_ack: Callable[[], Awaitable[None]], consumer_created: datetime | None) -> None:
        """Sends an acknowledgement, unless the consumer has been created anew since the delivery."""
        await self._connection.ready()
        if consumer_created == self._consumer_created:
            with translated_errors("take an acknowledgement"):
                await send_ack()

    def close_delivery(self, delivery: NatsDelivery) -> None:
        """Frees the place of an ended delivery."""
        self._unacked.discard(delivery)
        self._wake_if_pull_due()

    async def _run_session_and_retry(self) -> None:
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
            await self._unsubscribe(subscription)

    async def _pull(self, inbox: str) -> None:
        """Requests messages for the free places, if there are enough of them."""
        free = self._free
        if not self._should_pull(free):
            return
        request = {
            "batch": free,
            "expires": int(PULL_SECONDS * 1e9),
            "idle_heartbeat": int(HEARTBEAT_SECONDS * 1e9),
        }
        subject = self._pull_subject
        self._requested += free
        self._last_message_at = asyncio.get_running_loop().time()
        await self._connection.client.publish(subject, json.dumps(request).encode(), reply=inbox)

    @property
    def _free(self) -> int:
        return self._prefetch - len(self._unacked) - self._requested

    def _should_pull(self, free: int) -> bool:
        """Tells whether `free` places are worth a pull request."""
        return free >= self._min_pull_batch or (free > 0 and self._requested <= 0)

    def _wake_if_pull_due(self) -> None:
        if self._should_pull(self._free):
            self._changed.set()

    async def _wait_for_change(self) -> None:
        """Waits until the session has something to do, or ends it after silence."""
        loop = asyncio.get_running_loop()
        while True:
            until = self._last_message_at + SILENCE_SECONDS
            try:
                async with asyncio.timeout_at(until if self._requested > 0 else None):
                    await self._changed.wait()
                return
            except TimeoutError:
                if self._requested > 0 and loop.time() >= self._last_message_at + SILENCE_SECONDS:
                    log.warning("bus.consumer_silent", subject=self._subject)
                    self._end_session()
                    return

    async def _handle_message(self, session: int, message: Msg) -> None:
        self._last_message_at = asyncio.get_running_loop().time()
        status = (message.headers or {}).get("Status")
        if status is not None:
            self._handle_status(session, status, message.headers or {})
        elif session != self._session:
            await message.nak()
        else:
            self._requested -= 1
            delivery = NatsDelivery(self, message, self._consumer_created)
            self._unacked.add(delivery)
            self._arrived.put_nowait(delivery)
        self._wake_if_pull_due()

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

    async def _unsubscribe(self, subscription: Subscription) -> None:
        """Ends the session's subscription, so that the server keeps none of its requests.

        Messages that were on their way have been released then. A cancellation ends it no sooner. A loss of
        the connection does: the client would subscribe again, and the requests would be valid again.
        """
        unsubscribing = asyncio.create_task(self._end(subscription), name=f"leave {self._subject}")
        forget = self._connection.on_lost(unsubscribing.cancel)
        try:
            await wait_until_done(unsubscribing)
        finally:
            forget()
        if not unsubscribing.cancelled():
            unsubscribing.result()

    async def _end(self, subscription: Subscription) -> None:
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                await end_subscription(self._connection.client, subscription, self._wait_for_refusal)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            log.warning("bus.leave_failed", subject=self._subject, error=str(error))

    async def _wait_for_refusal(self) -> None:
        """Waits until the consumer has processed the end of the subscription.

        It answers an invalid request after everything that the server was sent before, on whatever server of
        a cluster it is kept. If nothing answers, the consumer is gone, and the requests with it.
        """
        with suppress(nats.errors.NoRespondersError):
            await self._connection.client.request(
                self._pull_subject, _INVALID_PULL_REQUEST, timeout=REPLY_SECONDS
            )

    @property
    def _pull_subject(self) -> str:
        return f"$JS.API.CONSUMER.MSG.NEXT.{stream_name(self._subject)}.{consumer_name(self._subject)}"


def envelope_of(message: Msg) -> Envelope:
    """Returns the envelope of a message, without NATS' own headers."""
    headers = {name: value for name, value in (message.headers or {}).items() if not name.startswith("Nats-")}
    return Envelope(subject=message.subject, id=headers.get("ce-id", ""), data=message.data, headers=headers)


def _description(headers: dict[str, str]) -> dict[str, str]:
    return {"description": headers.get("Description", "")}
