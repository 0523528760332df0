"""The exchanges and queues that the bus stands on.

    publish ─▶ likeness (topic) ─▶ one quorum queue a subject ─▶ consumers
                                     │ poison, too many deliveries
                                     └─▶ likeness.dead ─▶ likeness.dead, for whoever looks into it
    broadcast ─▶ likeness.broadcast (topic) ─▶ an exclusive queue a listener

Two kinds of queue pass a message back into the queue it came from when its time has run out: a delay
queue, which nobody consumes, and the queue in which a consumer holds what it works on for long.
"""

from dataclasses import dataclass
from uuid import uuid4

from aiormq.abc import FieldTable
from aiormq.channel import Channel

from services.chassis.bus.subjects import STAGES, STATUS
from services.chassis.errors import InvalidArgument

WORK = "likeness"
DEAD = "likeness.dead"
DELAY = "likeness.delay"
BROADCAST = "likeness.broadcast"
SETTLED = "likeness.settled"

TOPIC = "topic"
DIRECT = "direct"
FANOUT = "fanout"

MAX_DELIVERIES = 5
GROUP_SIZE = 3  # as many as a smaller cluster has, which production refuses
DEAD_SECONDS = 7 * 24 * 3600
DEAD_MESSAGES = 10_000
LISTENER_MESSAGES = 10_000
SHORTEST_DELAY_MILLISECONDS = 125
UNUSED_SECONDS = 600.0
"""After what time a held queue that nobody uses is gone."""

_QUORUM: FieldTable = {"x-queue-type": "quorum", "x-quorum-initial-group-size": GROUP_SIZE}


@dataclass(frozen=True, slots=True)
class QuorumQueue:
    """Bound to `exchange` with `key`, if there is an exchange."""

    name: str
    arguments: FieldTable
    exchange: str = ""
    key: str = ""


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


def work_queue(subject: str) -> QuorumQueue:
    """A message leaves it for the dead letters only once it has arrived there."""
    arguments = {**_QUORUM, **_passes_on(DEAD), "x-delivery-limit": MAX_DELIVERIES - 1}
    return QuorumQueue(queue_name(subject), arguments, WORK, binding_key(subject))


def dead_queue() -> QuorumQueue:
    arguments = {**_QUORUM, "x-message-ttl": DEAD_SECONDS * 1000, "x-max-length": DEAD_MESSAGES}
    return QuorumQueue(DEAD, arguments, DEAD, "#")


def delay_queue(seconds: float) -> QuorumQueue:
    """Where a message waits so long, or up to twice as long, before it goes to the queue that its
    routing key names.

    One queue a length, for a message leaves a queue only after those before it; and few lengths.
    """
    milliseconds = SHORTEST_DELAY_MILLISECONDS
    while milliseconds < seconds * 1000:
        milliseconds *= 2
    exchange = f"{DELAY}.{milliseconds}"
    return QuorumQueue(exchange, {**_QUORUM, **_passes_on(""), "x-message-ttl": milliseconds}, exchange)


def held_queue(returns_to: str, lease_seconds: float) -> QuorumQueue:
    """What stands in it unconsumed for the lease goes back to the work queue."""
    arguments = {
        **_QUORUM,
        **_passes_on(""),
        "x-dead-letter-routing-key": returns_to,
        "x-message-ttl": max(1, round(lease_seconds * 1000)),
        "x-expires": round((lease_seconds + UNUSED_SECONDS) * 1000),
    }
    return QuorumQueue(f"likeness.held.{uuid4().hex}", arguments)


async def declare_exchanges(channel: Channel) -> None:
    await channel.exchange_declare(WORK, exchange_type=TOPIC, durable=True)
    await channel.exchange_declare(BROADCAST, exchange_type=TOPIC, durable=True)
    await channel.exchange_declare(DEAD, exchange_type=TOPIC, durable=True)
    await channel.exchange_declare(SETTLED, exchange_type=DIRECT, durable=True)
    await channel.queue_declare(SETTLED, durable=True, arguments={"x-message-ttl": 0})


async def declare_listener(channel: Channel, subject: str) -> str:
    """Returns the name of a queue that is gone with its connection."""
    declared = await channel.queue_declare(
        exclusive=True, auto_delete=True, arguments={"x-max-length": LISTENER_MESSAGES}
    )
    assert declared.queue is not None
    await channel.queue_bind(declared.queue, BROADCAST, binding_key(subject))
    return declared.queue


def _passes_on(exchange: str) -> FieldTable:
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
