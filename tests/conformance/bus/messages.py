"""Short helpers to send and receive messages."""

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


async def next_item(items: AsyncIterator[T]) -> T:
    """Returns the next item; a test whose message never arrives fails here."""
    async with asyncio.timeout(ARRIVAL_SECONDS):
        return await anext(items)


def text_of(delivery: Delivery) -> str:
    return delivery.envelope.data.decode()


async def receive_texts(deliveries: AsyncIterator[Delivery], count: int) -> list[str]:
    """Receives and acknowledges `count` messages and returns their texts."""
    texts: list[str] = []
    for _ in range(count):
        delivery = await next_item(deliveries)
        await delivery.ack()
        texts.append(text_of(delivery))
    return texts


async def first_text(bus: Bus, subject: str) -> str:
    """Returns the text of the first message that a new consumer gets, and acknowledges it."""
    async with bus.consume(subject, prefetch=1) as deliveries:
        return (await receive_texts(deliveries, 1))[0]
