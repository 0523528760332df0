"""Ending a subscription so that nothing comes to nobody."""

# pyright: reportPrivateUsage=false
# (of nats-py's own ways to tell the server of an end, each drops what is on its way)

from collections.abc import Awaitable, Callable
from contextlib import suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.subscription import Subscription


async def end_subscription(
    client: Client, subscription: Subscription, until_known: Callable[[], Awaitable[None]]
) -> None:
    """Return once the server sends it nothing more, and all that it has sent was handled.

    `until_known` says something to whoever is to know of the end, and waits for the answer.

    Raises `nats.errors.Error` or `TimeoutError` if the server does not say so; here it has ended anyway.

    nats-py's `drain` is not enough: its PING overtakes its UNSUB, and what the server sends between the two
    is dropped. And a PONG that comes after a `drain` was given up ends all reading from the connection.
    """
    try:
        if client.is_connected:
            await client._send_unsubscribe(subscription._id)
            await until_known()
            await subscription._pending_queue.join()
    finally:
        with suppress(nats.errors.ConnectionClosedError):
            await subscription.unsubscribe()
