"""Making queues that outlast whatever happens next.

Nothing here asks for what may not exist: the broker would close the channel, and the client may give
the channel's number to another before the broker is done with it.
"""

import asyncio

import structlog
from aiormq import spec
from aiormq.channel import Channel

from services.chassis.bus.rabbitmq.connection import RabbitmqConnection
from services.chassis.bus.rabbitmq.message import tag_of
from services.chassis.bus.rabbitmq.topology import DELAY, FANOUT, SETTLED, QuorumQueue, dead_queue, work_queue
from services.chassis.errors import BusUnavailable

log = structlog.get_logger()

SETTLE_SECONDS = 1.5
"""RabbitMQ writes the name of a new quorum queue to disk after up to a second (`auto_save` of its Raft
directory). A node that is killed before cannot use the queue again, whatever it has confirmed.
A queue is bound, and marked as settled, only then: what may be lost has never held a message."""

ANSWER_SECONDS = 2.0
DELETE_SECONDS = 15.0
"""RabbitMQ waits for a majority before it deletes a queue by force."""

_DOING = "make a queue"


async def make_work_queue(connection: RabbitmqConnection, subject: str) -> None:
    """With the queue that its dead letters go to."""
    queues = (dead_queue(), work_queue(subject))
    await asyncio.gather(*(make_queue(connection, queue) for queue in queues))


async def make_queue(connection: RabbitmqConnection, queue: QuorumQueue) -> None:
    """Soon done if it is settled."""
    is_settled = await _is_settled(connection, queue)
    async with connection.brief_channel(_DOING) as channel:
        await channel.queue_declare(queue.name, durable=True, arguments=queue.arguments)
        if is_settled:
            await _bind(channel, queue)
            return
    await asyncio.sleep(SETTLE_SECONDS)
    if not await _answers(connection, queue):
        await _make_anew(connection, queue)
    async with connection.brief_channel(_DOING) as channel:
        await _bind(channel, queue)
        await channel.queue_bind(SETTLED, SETTLED, queue.name)


async def _is_settled(connection: RabbitmqConnection, queue: QuorumQueue) -> bool:
    """A settled queue's name leads from one exchange to a queue that keeps nothing."""
    await connection.ready()
    try:
        return await connection.publish(SETTLED, queue.name, b"", {})
    except BusUnavailable as error:
        log.warning("bus.mark_not_read", queue=queue.name, error=error.message)
        return False


async def _answers(connection: RabbitmqConnection, queue: QuorumQueue) -> bool:
    async with connection.brief_channel(_DOING) as channel:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                message = await channel.basic_get(queue.name)
        except TimeoutError:
            return False
        if isinstance(message.delivery, spec.Basic.GetOk):
            await channel.basic_nack(tag_of(message), requeue=True)
        return True


async def _make_anew(connection: RabbitmqConnection, queue: QuorumQueue) -> None:
    log.warning("bus.queue_made_anew", queue=queue.name)
    async with connection.brief_channel(_DOING, seconds=DELETE_SECONDS) as channel:
        await channel.queue_delete(queue.name)
        await channel.queue_declare(queue.name, durable=True, arguments=queue.arguments)
    await asyncio.sleep(SETTLE_SECONDS)


async def _bind(channel: Channel, queue: QuorumQueue) -> None:
    if queue.exchange.startswith(DELAY):
        await channel.exchange_declare(queue.exchange, exchange_type=FANOUT, durable=True)
    if queue.exchange:
        await channel.queue_bind(queue.name, queue.exchange, queue.key)
