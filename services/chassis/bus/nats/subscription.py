"""End of a NATS subscription without the loss of messages that are on their way."""

# pyright: reportPrivateUsage=false
# (each of nats-py's public ways to end a subscription drops messages that are on their way)

from collections.abc import Awaitable, Callable
from contextlib import suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.subscription import Subscription


async def end_subscription(
    client: Client, subscription: Subscription, wait_until_known: Callable[[], Awaitable[None]]
) -> None:
    """Returns once the server sends nothing more to the subscription, and all that it sent was handled.

    `wait_until_known` sends a request to the component that has to know of the end, and waits for its reply.
    Raises `nats.errors.Error` or `TimeoutError` if the server does not confirm; on this side the subscription
    has ended anyway.

    nats-py's `drain` is not enough: its PING overtakes its UNSUB, and what the server sends between the two
    is dropped. And a PONG that arrives after a `drain` was given up ends all reading from the connection.
    """
    try:
        if client.is_connected:
            await client._send_unsubscribe(subscription._id)
            await wait_until_known()
            await subscription._pending_queue.join()
    finally:
        with suppress(nats.errors.ConnectionClosedError):
            await subscription.unsubscribe()
