"""Declaration of durable queues that survive the crash of a node at any moment.

Nothing here asks for a queue or exchange that may not exist: the broker would close the channel, and the
client may give the channel's number to another before the broker is done with it.
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
"""Wait after which a new queue is safe on disk.

RabbitMQ writes the name of a new quorum queue to disk after up to a second (`auto_save` of its Raft
directory). A node that is killed before cannot use the queue again, whatever it has confirmed. A queue is
bound, and marked as settled, only then: a queue that may be lost has never held a message.
"""

ANSWER_SECONDS = 2.0
"""Time limit for reading from a new queue."""
DELETE_SECONDS = 15.0
"""Time limit of a deletion: RabbitMQ waits for a majority before it deletes a queue by force."""

_DOING = "make a queue"


async def declare_work_queue(connection: RabbitmqConnection, subject: str) -> None:
    """Declares the work queue of `subject` and the queue of its dead letters."""
    queues = (dead_queue(), work_queue(subject))
    await asyncio.gather(*(declare_queue(connection, queue) for queue in queues))


async def declare_queue(connection: RabbitmqConnection, queue: QuorumQueue) -> None:
    """Declares a queue and binds it. Fast if the queue is settled."""
    is_settled = await _is_settled(connection, queue)
    async with connection.brief_channel(_DOING) as channel:
        await channel.queue_declare(queue.name, durable=True, arguments=queue.arguments)
        if is_settled:
            await _bind(channel, queue)
            return
    await asyncio.sleep(SETTLE_SECONDS)
    if not await _is_readable(connection, queue):
        await _recreate(connection, queue)
    async with connection.brief_channel(_DOING) as channel:
        await _bind(channel, queue)
        await channel.queue_bind(SETTLED, SETTLED, queue.name)


async def _is_settled(connection: RabbitmqConnection, queue: QuorumQueue) -> bool:
    """Tells whether the queue is marked as settled: its name is bound to a queue that keeps nothing."""
    await connection.ready()
    try:
        return await connection.publish(SETTLED, queue.name, b"", {})
    except BusUnavailable as error:
        log.warning("bus.mark_not_read", queue=queue.name, error=error.message)
        return False


async def _is_readable(connection: RabbitmqConnection, queue: QuorumQueue) -> bool:
    """Tells whether the broker answers a read from the queue."""
    async with connection.brief_channel(_DOING) as channel:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                message = await channel.basic_get(queue.name)
        except TimeoutError:
            return False
        if isinstance(message.delivery, spec.Basic.GetOk):
            await channel.basic_nack(tag_of(message), requeue=True)
        return True


async def _recreate(connection: RabbitmqConnection, queue: QuorumQueue) -> None:
    """Deletes and declares a queue that the broker cannot use any more."""
    log.warning("bus.queue_made_anew", queue=queue.name)
    async with connection.brief_channel(_DOING, seconds=DELETE_SECONDS) as channel:
        await channel.queue_delete(queue.name)
        await channel.queue_declare(queue.name, durable=True, arguments=queue.arguments)
    await asyncio.sleep(SETTLE_SECONDS)


async def _bind(channel: Channel, queue: QuorumQueue) -> None:
    """Binds the queue to its exchange; declares the exchange of a delay queue."""
    if queue.exchange.startswith(DELAY):
        await channel.exchange_declare(queue.exchange, exchange_type=FANOUT, durable=True)
    if queue.exchange:
        await channel.queue_bind(queue.name, queue.exchange, queue.key)
