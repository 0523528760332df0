"""Everything that can be asked of a bus, and said of a delivery."""

from collections.abc import Awaitable, Callable

from services.chassis.bus.protocol import Bus, Delivery, Envelope
from services.chassis.bus.subjects import CANCEL
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.messages import message

BOUND_SECONDS = 180.0
"""Nothing that the bus does may hang; each of its parts gives up after five seconds. Some seventy connections
are cut at the same time, on a machine that may be busy."""


async def enter(bus: Bus, queue: str) -> None:
    async with bus.consume(queue, prefetch=1):
        pass


async def listen(bus: Bus) -> None:
    async with bus.listen(CANCEL):
        pass


async def publish_until_taken(bus: Bus, envelope: Envelope) -> None:
    """As the outbox does it."""
    while True:
        try:
            return await bus.publish(envelope)
        except BusUnavailable:
            continue


ASKING: dict[str, Callable[[Bus, str], Awaitable[None]]] = {
    "publish": lambda bus, queue: bus.publish(message(queue, "x")),
    "broadcast": lambda bus, queue: bus.broadcast(message(CANCEL, "x")),
    "check": lambda bus, queue: bus.check(),
    "consume": enter,
    "listen": lambda bus, queue: listen(bus),
}

ENDING: dict[str, Callable[[Delivery], Awaitable[None]]] = {
    "ack": lambda delivery: delivery.ack(),
    "release": lambda delivery: delivery.release(),
    "release later": lambda delivery: delivery.release(delay=0.5),
    "reject": lambda delivery: delivery.reject(),
}

SAYING: dict[str, Callable[[Delivery], Awaitable[None]]] = {
    **ENDING,
    "extend": lambda delivery: delivery.extend(),
}
