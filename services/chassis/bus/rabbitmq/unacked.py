"""Unacknowledged messages of one queue: how each is acknowledged, returned or dead-lettered."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

import structlog
from aiormq.abc import DeliveredMessage

from services.chassis.bus.rabbitmq.channel_session import BrokerConsumer, RabbitmqSession
from services.chassis.bus.rabbitmq.connection import RabbitmqConnection
from services.chassis.bus.rabbitmq.declare import declare_queue
from services.chassis.bus.rabbitmq.delivery import RabbitmqDelivery
from services.chassis.bus.rabbitmq.message import copy_headers
from services.chassis.bus.rabbitmq.topology import DEAD, MAX_DELIVERIES, delay_queue
from services.chassis.errors import BusUnavailable

log = structlog.get_logger()

MAX_REMEMBERED_IDS = 1000
"""Number of messages whose late acknowledgement is remembered."""


class UnackedMessages:
    """The open deliveries of one queue.

    `on_free_slot` is called when a message has ended that no open consumer replaces by another.
    """

    def __init__(self, connection: RabbitmqConnection, *, on_free_slot: Callable[[], None]) -> None:
        self.open: set[RabbitmqDelivery] = set()
        self._connection = connection
        self._on_free_slot = on_free_slot
        self._done_too_late: OrderedDict[str, None] = OrderedDict()

    async def add(
        self, session: RabbitmqSession, consumer: BrokerConsumer, message: DeliveredMessage
    ) -> RabbitmqDelivery | None:
        """Returns the delivery of a message, `None` if it must not be handled.

        That is a message which was acknowledged after it had been given to another consumer, and has come
        back, or one that was delivered too often.
        """
        delivery = RabbitmqDelivery(self, session, consumer, message, asyncio.get_running_loop().time())
        if delivery.attempt > 1 and delivery.envelope.id in self._done_too_late:
            await delivery.ack()
            return None
        if delivery.attempt > MAX_DELIVERIES:
            await delivery.reject()
            return None
        self.open.add(delivery)
        consumer.unacked.add(delivery)
        return delivery

    def close_delivery(self, delivery: RabbitmqDelivery, *, is_too_late: bool) -> None:
        """Removes an ended delivery; remembers its message if it was done with after its lease had ended."""
        self.open.discard(delivery)
        delivery.consumer.unacked.discard(delivery)
        if is_too_late:
            self._done_too_late[delivery.envelope.id] = None
            if len(self._done_too_late) > MAX_REMEMBERED_IDS:
                self._done_too_late.popitem(last=False)
        if not delivery.consumer.is_open:
            self._on_free_slot()

    async def release(self, delivery: RabbitmqDelivery, delay: float = 0.0) -> None:
        """Returns a message to its queue after `delay` seconds; dead-letters it after its last delivery."""
        if delivery.attempt >= MAX_DELIVERIES:
            await self.dead_letter(delivery)
        elif delay <= 0 or not await self._publish_delayed_copy(delivery, delay):
            # A refused message in a private queue returns to the queue it came from.
            await delivery.session.refuse(delivery.tag, requeue=not delivery.is_in_private_queue)

    async def dead_letter(self, delivery: RabbitmqDelivery) -> None:
        """Moves a message to the dead letters."""
        if delivery.is_in_private_queue:
            await self._publish_copy(delivery, DEAD, delivery.envelope.subject)
        else:
            await delivery.session.refuse(delivery.tag, requeue=False)

    async def _publish_delayed_copy(self, delivery: RabbitmqDelivery, delay: float) -> bool:
        """Replaces a message by a copy in a delay queue; returns whether the broker has taken it."""
        try:
            queue = delay_queue(delay)
            await declare_queue(self._connection, queue)
            await self._publish_copy(delivery, queue.exchange, delivery.session.work_queue)
        except BusUnavailable as error:
            log.warning("bus.delay_failed", subject=delivery.envelope.subject, error=error.message)
            return False
        return True

    async def _publish_copy(self, delivery: RabbitmqDelivery, exchange: str, routing_key: str) -> None:
        """Publishes a copy and acknowledges the original.

        The copy is safe before the original is gone; a failure in between leaves two.
        """
        headers = copy_headers(delivery.envelope, delivery.attempt)
        if not await self._connection.publish(exchange, routing_key, delivery.envelope.data, headers):
            raise BusUnavailable(f"The message broker has no queue behind {exchange}.")
        await delivery.session.acknowledge(delivery.tag)
