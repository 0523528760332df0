"""A RabbitMQ connection that recovers by itself, with translated errors."""

# pyright: reportUnknownMemberType=false
# (aiormq leaves the type of `closing` open)

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, cast

import aio_pika
import structlog
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPError, AuthenticationError, ProbableAuthenticationError
from aiormq import spec
from aiormq.channel import Channel
from aiormq.exceptions import PublishError
from pamqp.exceptions import PAMQPException
from yarl import URL

from services.chassis.aio import cancel_and_wait, raise_if_cancelled
from services.chassis.bus.errors import TranslatedErrors
from services.chassis.bus.rabbitmq.topology import declare_exchanges
from services.chassis.errors import BusUnavailable

log = structlog.get_logger()

CONNECT_SECONDS = 120.0
REPLY_SECONDS = 5.0
"""Time limit of any single exchange with the broker, a reconnection included."""
RETRY_SECONDS = 0.5
CLOSE_SECONDS = 2.0
BLOCKED_SECONDS = 1.0
"""How long a caller waits for a broker that takes no messages."""
MIN_HEARTBEAT_SECONDS = 3
"""Lower bound of the heartbeat: a busy machine keeps a process waiting for seconds."""
MAX_HEARTBEAT_SECONDS = 15

BROKER_ERRORS = (AMQPError, PAMQPException, OSError, TimeoutError, RuntimeError)
"""Errors of the client that mean a lost broker; a closed channel or connection is a RuntimeError."""


def translated_errors(doing: str) -> TranslatedErrors:
    """Returns a context manager that raises `BusUnavailable` in place of errors of the client."""
    return TranslatedErrors(doing, _is_broker_error)


def _is_broker_error(error: BaseException) -> bool:
    if isinstance(error, asyncio.CancelledError):
        return not _is_cancelled()
    return isinstance(error, BROKER_ERRORS)


def _is_cancelled() -> bool:
    """Tells whether this task was cancelled; the client, too, cancels what waits on a lost connection."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


class RabbitmqConnection:
    """Publishes on one channel, with many confirmations outstanding at the same time."""

    def __init__(self) -> None:
        self._urls: list[URL] = []
        self._connection: AbstractConnection | None = None
        self._publisher: Channel | None = None
        self._connected = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Tells whether `close` was called; a lost connection comes back."""
        return self._is_closed

    async def open(self, url: str, *, name: str, lease_seconds: float) -> None:
        """Connects. Raises `BusUnavailable` if no server of the comma-separated `url` answers in time."""
        # The broker misses a frozen client after two to three heartbeats: within the lease, if that is long.
        heartbeat = min(MAX_HEARTBEAT_SECONDS, max(MIN_HEARTBEAT_SECONDS, int(lease_seconds / 3)))
        query = {"name": name, "heartbeat": str(heartbeat)}
        self._urls = [URL(each).update_query(query) for each in url.split(",")]
        with translated_errors("accept a connection"):
            await self._connect_with_retries()
        self._keeper = asyncio.create_task(self._keep(), name="bus connection")

    async def ready(self) -> None:
        """Waits for the end of a short disconnection. Raises `BusUnavailable` if it takes longer."""
        if self._is_closed:
            raise BusUnavailable("The connection to the message broker has been closed.")
        if self._publisher is not None and self._publisher.is_closed:
            # Before the keeper task notices it: a caller that retries at once must wait.
            self._connected.clear()
        if self._connected.is_set():
            return
        with translated_errors("come back in time"):
            async with asyncio.timeout(REPLY_SECONDS):
                await self._connected.wait()

    async def publish(
        self, exchange: str, routing_key: str, body: bytes, headers: dict[str, Any], *, mandatory: bool = True
    ) -> bool:
        """Returns whether a queue has taken the message; it is durable there then.

        Raises `BusUnavailable` after a second while the broker blocks publishers: what is sent all the same
        would wait in the connection, and go out, often more than once, when its caller has given up.
        """
        await self.ready()
        assert self._publisher is not None
        await self._until_unblocked(self._publisher)
        properties = spec.Basic.Properties(delivery_mode=2, headers=headers)
        with translated_errors("confirm a message"):
            try:
                async with asyncio.timeout(REPLY_SECONDS):
                    await self._publisher.basic_publish(
                        body,
                        exchange=exchange,
                        routing_key=routing_key,
                        properties=properties,
                        mandatory=mandatory,
                        wait=False,
                    )
            except PublishError:
                return False
        return True

    async def _until_unblocked(self, channel: Channel) -> None:
        try:
            async with asyncio.timeout(BLOCKED_SECONDS):
                await channel.connection.ready()
        except TimeoutError as error:
            raise BusUnavailable(
                "The message broker takes no messages now: its disk or its memory is nearly full."
            ) from error

    async def open_channel(self) -> Channel:
        """Opens a channel without confirmations.

        A call on it that is cancelled closes it, so it must not be shared.
        """
        await self.ready()
        assert self._connection is not None
        with translated_errors("open a channel"):
            async with asyncio.timeout(REPLY_SECONDS):
                return await _open_channel(self._connection, publisher_confirms=False)

    @asynccontextmanager
    async def brief_channel(self, doing: str, seconds: float = REPLY_SECONDS) -> AsyncGenerator[Channel]:
        """Opens a channel for a short exchange, limited to `seconds`, and closes it afterwards."""
        channel = await self.open_channel()
        try:
            with translated_errors(doing):
                async with asyncio.timeout(seconds):
                    yield channel
        finally:
            await close_in_time(channel.close())

    async def close(self) -> None:
        self._is_closed = True
        if self._keeper is not None:
            await cancel_and_wait([self._keeper])
        await self._drop()

    async def _connect_with_retries(self) -> None:
        deadline = asyncio.get_running_loop().time() + CONNECT_SECONDS
        while True:
            try:
                return await self._connect()
            except (AuthenticationError, ProbableAuthenticationError):
                raise
            except BROKER_ERRORS:
                if asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(RETRY_SECONDS)

    async def _connect(self) -> None:
        self._urls.append(self._urls.pop(0))
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                self._connection = await aio_pika.connect(self._urls[-1])
                await self._open_publisher(self._connection)
            raise_if_cancelled()
        except BaseException:
            await self._drop()
            raise

    async def _open_publisher(self, connection: AbstractConnection) -> None:
        channel = await _open_channel(connection, publisher_confirms=True)
        await declare_exchanges(channel)
        self._publisher = channel
        self._connected.set()

    async def _keep(self) -> None:
        """Reconnects after every loss, until it is cancelled."""
        while True:
            assert self._publisher is not None
            await asyncio.wait({closing_of(self._publisher)})
            self._connected.clear()
            log.warning("bus.disconnected")
            while not self._connected.is_set():
                try:
                    with translated_errors("come back"):
                        await self._recover()
                except BusUnavailable as error:
                    log.warning("bus.error", error=error.message)
                    await asyncio.sleep(RETRY_SECONDS)
            log.info("bus.reconnected")

    async def _recover(self) -> None:
        """Opens a new publishing channel, on a new connection if the old one is closed."""
        transport = self._connection.transport if self._connection else None
        if self._connection is None or transport is None or transport.connection.is_closed:
            await self._drop()
            return await self._connect()
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                await self._open_publisher(self._connection)
        except BROKER_ERRORS:
            await self._drop()
            raise

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._connected.clear()
        if connection is not None:
            await close_in_time(connection.close())


async def _open_channel(connection: AbstractConnection, *, publisher_confirms: bool) -> Channel:
    """Opens the channel on which aio-pika's own channel is built.

    With confirmations it raises `PublishError` for returned messages. aio-pika's own channel leaves something
    behind for as long as the connection lives, and its publisher and consumer cost an extra wait and an extra
    task for each message.
    """
    if connection.transport is None:
        raise RuntimeError("The connection has been closed.")
    await connection.transport.ready()
    channel = await connection.transport.connection.channel(
        publisher_confirms=publisher_confirms, on_return_raises=publisher_confirms
    )
    assert isinstance(channel, Channel)
    return channel


def closing_of(channel: Channel) -> "asyncio.Future[Any]":
    """Returns a future that is done when the channel is closed, by either side."""
    return cast("asyncio.Future[Any]", channel.closing)


async def close_in_time(closing: Awaitable[Any]) -> None:
    """Awaits `closing` for at most `CLOSE_SECONDS`.

    The client may wait for a broker that is not there, and ignores a cancellation.
    """

    async def close() -> None:
        try:
            await closing
        except (*BROKER_ERRORS, asyncio.CancelledError) as error:
            log.debug("bus.close_failed", error=str(error))

    await asyncio.wait({asyncio.create_task(close())}, timeout=CLOSE_SECONDS)
