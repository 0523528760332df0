"""What one consumer of a queue has in hand, and how it leaves the hand."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

import structlog
from aiormq.abc import DeliveredMessage

from services.chassis.bus.rabbitmq.channel_session import BrokerConsumer, RabbitmqSession
from services.chassis.bus.rabbitmq.connection import RabbitmqConnection
from services.chassis.bus.rabbitmq.declare import make_queue
from services.chassis.bus.rabbitmq.delivery import RabbitmqDelivery
from services.chassis.bus.rabbitmq.message import copy_headers
from services.chassis.bus.rabbitmq.topology import DEAD, MAX_DELIVERIES, delay_queue
from services.chassis.errors import BusUnavailable

log = structlog.get_logger()

REMEMBERED_IDS = 1000


class UnackedMessages:
    """`on_room` is called when a message has left the hand that no open tap replaces by another."""

    def __init__(self, connection: RabbitmqConnection, *, on_room: Callable[[], None]) -> None:
        self.open: set[RabbitmqDelivery] = set()
        self._connection = connection
        self._on_room = on_room
        self._done_too_late: OrderedDict[str, None] = OrderedDict()

    async def take(
        self, session: RabbitmqSession, tap: BrokerConsumer, message: DeliveredMessage
    ) -> RabbitmqDelivery | None:
        """None for a message that nobody is to see: one that was done with after it had been given to
        another, and has come back, or one that has come too often."""
        delivery = RabbitmqDelivery(self, session, tap, message, asyncio.get_running_loop().time())
        if delivery.attempt > 1 and delivery.envelope.id in self._done_too_late:
            await delivery.ack()
            return None
        if delivery.attempt > MAX_DELIVERIES:
            await delivery.reject()
            return None
        self.open.add(delivery)
        tap.in_hand.add(delivery)
        return delivery

    def close_delivery(self, delivery: RabbitmqDelivery, *, is_too_late: bool) -> None:
        self.open.discard(delivery)
        delivery.tap.in_hand.discard(delivery)
        if is_too_late:
            self._done_too_late[delivery.envelope.id] = None
            if len(self._done_too_late) > REMEMBERED_IDS:
                self._done_too_late.popitem(last=False)
        if not delivery.tap.is_open:
            self._on_room()

    async def give_back(self, delivery: RabbitmqDelivery, delay: float = 0.0) -> None:
        if delivery.attempt >= MAX_DELIVERIES:
            await self.bury(delivery)
        elif delay <= 0 or not await self._pass_on_later(delivery, delay):
            # A held queue passes it back to the queue it came from.
            await delivery.session.refuse(delivery.tag, requeue=not delivery.is_held)

    async def bury(self, delivery: RabbitmqDelivery) -> None:
        """Into the dead letters."""
        if delivery.is_held:
            await self._pass_on(delivery, DEAD, delivery.envelope.subject)
        else:
            await delivery.session.refuse(delivery.tag, requeue=False)

    async def _pass_on_later(self, delivery: RabbitmqDelivery, delay: float) -> bool:
        try:
            queue = delay_queue(delay)
            await make_queue(self._connection, queue)
            await self._pass_on(delivery, queue.exchange, delivery.session.work_queue)
        except BusUnavailable as error:
            log.warning("bus.delay_failed", subject=delivery.envelope.subject, error=error.message)
            return False
        return True

    async def _pass_on(self, delivery: RabbitmqDelivery, exchange: str, routing_key: str) -> None:
        """The copy is safe before the original is gone; a failure in between leaves two."""
        headers = copy_headers(delivery.envelope, delivery.attempt)
        if not await self._connection.publish(exchange, routing_key, delivery.envelope.data, headers):
            raise BusUnavailable(f"The message broker has no queue behind {exchange}.")
        await delivery.session.acknowledge(delivery.tag)
