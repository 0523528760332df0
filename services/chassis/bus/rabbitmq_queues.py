"""Making queues that outlast whatever happens next."""

import asyncio

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import ChannelNotFoundEntity

from services.chassis.bus.rabbitmq_connection import RabbitmqConnection
from services.chassis.bus.rabbitmq_topology import DELAY, QuorumQueue, dead_queue, work_queue

SETTLE_SECONDS = 1.5
"""RabbitMQ writes the name of a new quorum queue to disk after up to a second (`auto_save` of its Raft
directory). A node that is killed before cannot use the queue again, whatever it has confirmed.
A queue is bound, and marked as settled, only then: what may be lost has never held a message."""

ANSWER_SECONDS = 2.0
DELETE_SECONDS = 15.0
"""RabbitMQ waits for a majority before it deletes a queue by force."""

_DOING = "make a queue"


async def make_work_queue(connection: RabbitmqConnection, subject: str) -> str:
    """Its name; where its dead letters go is there, too."""
    queue = work_queue(subject)
    await asyncio.gather(make_queue(connection, dead_queue()), make_queue(connection, queue))
    return queue.name


async def make_queue(connection: RabbitmqConnection, queue: QuorumQueue) -> None:
    """Soon done if it exists and is settled."""
    if await _is_settled(connection, queue):
        return
    async with connection.brief_channel(_DOING) as channel:
        await channel.declare_queue(queue.name, durable=True, arguments=queue.arguments)
    await asyncio.sleep(SETTLE_SECONDS)
    if not await _answers(connection, queue):
        await _make_anew(connection, queue)
    async with connection.brief_channel(_DOING) as channel:
        await _bind(channel, queue)
        await channel.declare_exchange(queue.mark, ExchangeType.FANOUT, durable=True, internal=True)


async def _is_settled(connection: RabbitmqConnection, queue: QuorumQueue) -> bool:
    async with connection.brief_channel(_DOING) as channel:
        try:
            await channel.declare_exchange(queue.mark, passive=True)
            await channel.declare_queue(queue.name, passive=True)
        except ChannelNotFoundEntity:
            return False
        await _bind(channel, queue)
        return True


async def _answers(connection: RabbitmqConnection, queue: QuorumQueue) -> bool:
    async with connection.brief_channel(_DOING) as channel:
        existing = await channel.get_queue(queue.name, ensure=False)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                message = await existing.get(fail=False)
        except TimeoutError:
            return False
        if message is not None:
            await message.nack()
        return True


async def _make_anew(connection: RabbitmqConnection, queue: QuorumQueue) -> None:
    async with connection.brief_channel(_DOING, seconds=DELETE_SECONDS) as channel:
        await channel.queue_delete(queue.name)
        await channel.declare_queue(queue.name, durable=True, arguments=queue.arguments)
    await asyncio.sleep(SETTLE_SECONDS)


async def _bind(channel: AbstractChannel, queue: QuorumQueue) -> None:
    if queue.exchange.startswith(DELAY):
        await channel.declare_exchange(queue.exchange, ExchangeType.FANOUT, durable=True)
    if queue.exchange:
        await (await channel.get_queue(queue.name, ensure=False)).bind(queue.exchange, queue.key)
