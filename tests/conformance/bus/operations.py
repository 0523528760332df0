"""All operations on a bus and on a delivery, by name."""

from collections.abc import Awaitable, Callable

from services.chassis.bus.protocol import Bus, Delivery, Envelope
from services.chassis.bus.subjects import CANCEL
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.messages import message

MAX_OPERATION_SECONDS = 180.0
"""No operation of a bus may hang; each part of it gives up after five seconds.

Some seventy connections are cut at the same time, on a machine that may be busy.
"""


async def consume_and_leave(bus: Bus, queue: str) -> None:
    async with bus.consume(queue, prefetch=1):
        pass


async def listen(bus: Bus) -> None:
    async with bus.listen(CANCEL):
        pass


async def publish_with_retries(bus: Bus, envelope: Envelope) -> None:
    """Publishes until the broker has confirmed, as the outbox does."""
    while True:
        try:
            return await bus.publish(envelope)
        except BusUnavailable:
            continue


BUS_OPERATIONS: dict[str, Callable[[Bus, str], Awaitable[None]]] = {
    "publish": lambda bus, queue: bus.publish(message(queue, "x")),
    "broadcast": lambda bus, queue: bus.broadcast(message(CANCEL, "x")),
    "check": lambda bus, queue: bus.check(),
    "consume": consume_and_leave,
    "listen": lambda bus, queue: listen(bus),
}

DELIVERY_ENDINGS: dict[str, Callable[[Delivery], Awaitable[None]]] = {
    "ack": lambda delivery: delivery.ack(),
    "release": lambda delivery: delivery.release(),
    "release delayed_queue": lambda delivery: delivery.release(delay=0.5),
    "reject": lambda delivery: delivery.reject(),
}

DELIVERY_OPERATIONS: dict[str, Callable[[Delivery], Awaitable[None]]] = {
    **DELIVERY_ENDINGS,
    "extend": lambda delivery: delivery.extend(),
}
