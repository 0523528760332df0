"""A delivery of one message from RabbitMQ."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from aiormq.abc import DeliveredMessage

from services.chassis.bus.rabbitmq.channel_session import BrokerConsumer, RabbitmqSession
from services.chassis.bus.rabbitmq.message import attempt_of, envelope_of, tag_of


class DeliveryOwner(Protocol):
    """Keeps the unacknowledged deliveries of a queue and ends them at the broker."""

    async def release(self, delivery: "RabbitmqDelivery", delay: float = 0.0) -> None: ...

    async def dead_letter(self, delivery: "RabbitmqDelivery") -> None: ...

    def close_delivery(self, delivery: "RabbitmqDelivery", *, is_too_late: bool) -> None: ...


class RabbitmqDelivery:
    """Implements `Delivery`.

    Once its channel or its lease has ended, the message may be delivered to another consumer, and calls here
    reach no broker.
    """

    __slots__ = (
        "_is_ended",
        "_is_expired",
        "_owner",
        "attempt",
        "consumer",
        "envelope",
        "is_in_private_queue",
        "received_at",
        "renewed_at",
        "session",
        "tag",
    )

    def __init__(
        self,
        owner: DeliveryOwner,
        session: RabbitmqSession,
        consumer: BrokerConsumer,
        message: DeliveredMessage,
        now: float,
    ) -> None:
        self.envelope = envelope_of(message)
        self.attempt = attempt_of(message)
        self.session = session
        self.consumer = consumer
        self.tag = tag_of(message)
        self.renewed_at = now
        self.received_at = now
        self.is_in_private_queue = False
        self._is_expired = False
        self._owner = owner
        self._is_ended = False

    @property
    def is_current(self) -> bool:
        """Tells whether the message still belongs to this delivery."""
        return self.session.is_alive and not self._is_expired and not self._is_ended

    async def ack(self) -> None:
        with self._ending(is_done=True) as is_current:
            if is_current:
                await self.session.acknowledge(self.tag)

    async def release(self, delay: float = 0.0) -> None:
        with self._ending(is_done=False) as is_current:
            if is_current:
                await self._owner.release(self, delay)

    async def reject(self) -> None:
        with self._ending(is_done=True) as is_current:
            if is_current:
                await self._owner.dead_letter(self)

    async def extend(self) -> None:
        self.renewed_at = asyncio.get_running_loop().time()

    def expire(self) -> bool:
        """Marks the lease as ended; returns whether the delivery was current until now."""
        was_current, self._is_expired = self.is_current, True
        return was_current

    @contextmanager
    def _ending(self, *, is_done: bool) -> Generator[bool]:
        """Ends the delivery; yields whether it was current."""
        is_current, self._is_ended = self.is_current, True
        try:
            yield is_current
        finally:
            self._owner.close_delivery(self, is_too_late=is_done and not is_current)
