"""One message in hand."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from aiormq.abc import DeliveredMessage

from services.chassis.bus.rabbitmq.channel_session import BrokerConsumer, RabbitmqSession
from services.chassis.bus.rabbitmq.message import attempt_of, envelope_of, tag_of


class Holder(Protocol):
    """Who has the delivery in hand."""

    async def give_back(self, delivery: "RabbitmqDelivery", delay: float = 0.0) -> None: ...

    async def bury(self, delivery: "RabbitmqDelivery") -> None: ...

    def close_delivery(self, delivery: "RabbitmqDelivery", *, is_too_late: bool) -> None: ...


class RabbitmqDelivery:
    """A `Delivery`. Once its channel or its lease has ended, the message is for others to have, and
    what is said of it here reaches no broker."""

    __slots__ = (
        "_holder",
        "_is_ended",
        "_is_let_go",
        "attempt",
        "envelope",
        "is_held",
        "renewed_at",
        "session",
        "tag",
        "taken_at",
        "tap",
    )

    def __init__(
        self,
        holder: Holder,
        session: RabbitmqSession,
        tap: BrokerConsumer,
        message: DeliveredMessage,
        now: float,
    ) -> None:
        self.envelope = envelope_of(message)
        self.attempt = attempt_of(message)
        self.session = session
        self.tap = tap
        self.tag = tag_of(message)
        self.renewed_at = now
        self.taken_at = now
        self.is_held = False
        self._is_let_go = False
        self._holder = holder
        self._is_ended = False

    @property
    def is_current(self) -> bool:
        return self.session.is_alive and not self._is_let_go and not self._is_ended

    async def ack(self) -> None:
        with self._ending(is_done=True) as is_current:
            if is_current:
                await self.session.acknowledge(self.tag)

    async def release(self, delay: float = 0.0) -> None:
        with self._ending(is_done=False) as is_current:
            if is_current:
                await self._holder.give_back(self, delay)

    async def reject(self) -> None:
        with self._ending(is_done=True) as is_current:
            if is_current:
                await self._holder.bury(self)

    async def extend(self) -> None:
        self.renewed_at = asyncio.get_running_loop().time()

    def let_go(self) -> bool:
        """Whether it was current until now."""
        was_current, self._is_let_go = self.is_current, True
        return was_current

    @contextmanager
    def _ending(self, *, is_done: bool) -> Generator[bool]:
        is_current, self._is_ended = self.is_current, True
        try:
            yield is_current
        finally:
            self._holder.close_delivery(self, is_too_late=is_done and not is_current)
