"""The exchanges and queues that the bus stands on, made when they are missing.

    publish ─▶ likeness (topic) ─▶ one quorum queue a subject ─▶ consumers
                                     │ poison, too many deliveries
                                     └─▶ likeness.dead ─▶ likeness.dead, for whoever looks into it
    broadcast ─▶ likeness.broadcast (topic) ─▶ an exclusive queue a listener

Two kinds of queue pass a message back into the queue it came from when its time has run out: a delay
queue, which nobody consumes, and the queue in which a consumer holds what it works on for long.
"""

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel
from aiormq.abc import FieldTable

from services.chassis.bus.subjects import STAGES, STATUS
from services.chassis.errors import InvalidArgument

WORK = "likeness"
DEAD = "likeness.dead"
BROADCAST = "likeness.broadcast"

MAX_DELIVERIES = 5
GROUP_SIZE = 3  # as many as a smaller cluster has, which production refuses
DEAD_SECONDS = 7 * 24 * 3600
DEAD_MESSAGES = 10_000
LISTENER_MESSAGES = 10_000
UNUSED_SECONDS = 600.0
"""After what time a delay queue or a held queue that nobody uses is gone."""

_QUORUM: FieldTable = {"x-queue-type": "quorum", "x-quorum-initial-group-size": GROUP_SIZE}


def kept_subject(subject: str) -> str:
    """The subject of the queue that is made for a message on `subject` when there is none."""
    if subject.startswith(f"{STAGES}."):
        return subject
    if subject.startswith(f"{STATUS}."):
        return f"{STATUS}.>"
    raise InvalidArgument(f"{subject!r} is not the subject of a queue.")


def queue_name(subject: str) -> str:
    return subject.replace(">", "all").replace("*", "any")


def binding_key(subject: str) -> str:
    """`>` stands for one word or more, which a topic exchange writes as `*.#`."""
    return subject.removesuffix(">") + "*.#" if subject.endswith(".>") else subject


async def declare_exchanges(channel: AbstractChannel) -> None:
    await channel.declare_exchange(WORK, ExchangeType.TOPIC, durable=True)
    await channel.declare_exchange(BROADCAST, ExchangeType.TOPIC, durable=True)
    dead = await channel.declare_exchange(DEAD, ExchangeType.FANOUT, durable=True)
    arguments = {**_QUORUM, "x-message-ttl": DEAD_SECONDS * 1000, "x-max-length": DEAD_MESSAGES}
    await (await channel.declare_queue(DEAD, durable=True, arguments=arguments)).bind(dead)


async def declare_work_queue(channel: AbstractChannel, subject: str) -> str:
    """Returns its name. A message leaves it for the dead letters only once it has arrived there."""
    arguments = {**_QUORUM, **_passes_on(DEAD), "x-delivery-limit": MAX_DELIVERIES - 1}
    queue = await channel.declare_queue(queue_name(subject), durable=True, arguments=arguments)
    await queue.bind(WORK, binding_key(subject))
    return queue.name


async def declare_delay(channel: AbstractChannel, seconds: float) -> str:
    """The exchange behind which a message waits so long before it goes to the queue that its routing key
    names. One queue a length, for a message leaves a queue only after those before it."""
    milliseconds = max(1, round(seconds * 1000))
    name = f"likeness.delay.{milliseconds}"
    arguments = {
        **_QUORUM,
        **_passes_on(""),
        "x-message-ttl": milliseconds,
        "x-expires": milliseconds + round(UNUSED_SECONDS * 1000),
    }
    await channel.declare_exchange(name, ExchangeType.FANOUT, durable=True)
    await (await channel.declare_queue(name, durable=True, arguments=arguments)).bind(name)
    return name


async def declare_held_queue(channel: AbstractChannel, name: str, work_queue: str, lease: float) -> None:
    """What stands in it unconsumed for the lease goes back to the work queue."""
    arguments = {
        **_QUORUM,
        **_passes_on(""),
        "x-dead-letter-routing-key": work_queue,
        "x-message-ttl": max(1, round(lease * 1000)),
        "x-expires": round((lease + UNUSED_SECONDS) * 1000),
    }
    await channel.declare_queue(name, durable=True, arguments=arguments)


async def declare_listener(channel: AbstractChannel, subject: str) -> str:
    queue = await channel.declare_queue(
        exclusive=True, auto_delete=True, arguments={"x-max-length": LISTENER_MESSAGES}
    )
    await queue.bind(BROADCAST, binding_key(subject))
    return queue.name


def _passes_on(exchange: str) -> FieldTable:
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
