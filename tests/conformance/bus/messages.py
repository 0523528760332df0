"""Short ways to say what the suite says often."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import TypeVar

from services.chassis.bus.protocol import Bus, Delivery, Envelope

ARRIVAL_SECONDS = 60.0

T = TypeVar("T")


def message(subject: str, text: str, *, id: str | None = None) -> Envelope:
    id = id or secrets.token_hex(8)
    return Envelope(subject=subject, id=id, data=text.encode(), headers={"ce-id": id, "ce-type": "test"})


async def send(bus: Bus, subject: str, *texts: str) -> None:
    for text in texts:
        await bus.publish(message(subject, text))


async def arrival(items: AsyncIterator[T]) -> T:
    """The next item; a test whose message never comes fails here."""
    async with asyncio.timeout(ARRIVAL_SECONDS):
        return await anext(items)


def text_of(delivery: Delivery) -> str:
    return delivery.envelope.data.decode()


async def take(deliveries: AsyncIterator[Delivery], count: int) -> list[str]:
    """Receive and acknowledge so many."""
    texts: list[str] = []
    for _ in range(count):
        delivery = await arrival(deliveries)
        await delivery.ack()
        texts.append(text_of(delivery))
    return texts


async def first_text(bus: Bus, subject: str) -> str:
    """What a new consumer gets first."""
    async with bus.consume(subject, prefetch=1) as deliveries:
        return (await take(deliveries, 1))[0]
