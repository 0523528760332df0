"""Exchanges and queues of the bus on RabbitMQ.

    publish ─▶ likeness (topic) ─▶ one quorum queue a subject ─▶ consumers
                                     │ poison, too many deliveries
                                     └─▶ likeness.dead ─▶ likeness.dead, for operators
    broadcast ─▶ likeness.broadcast (topic) ─▶ an exclusive queue a listener

Two kinds of queue return a message to the queue it came from when its time is over: a delay queue, which is
never consumed, and the private queue in which a consumer keeps messages that it works on for long.
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
HEALTH_QUEUE = "likeness.health"

TOPIC = "topic"
DIRECT = "direct"
FANOUT = "fanout"

MAX_DELIVERIES = 5
GROUP_SIZE = 3
"""Number of nodes of a quorum queue. A smaller cluster has as many as it can, which production refuses."""
HEALTH_SECONDS = 60
DEAD_SECONDS = 7 * 24 * 3600
MAX_DEAD_MESSAGES = 10_000
MAX_LISTENER_MESSAGES = 10_000
MIN_DELAY_MILLISECONDS = 125
UNUSED_SECONDS = 600.0
"""Time after the lease at which an unused private queue is deleted."""

_QUORUM: FieldTable = {"x-queue-type": "quorum", "x-quorum-initial-group-size": GROUP_SIZE}


@dataclass(frozen=True, slots=True)
class QuorumQueue:
    """A quorum queue, bound to `exchange` with `key` if there is an exchange."""

    name: str
    arguments: FieldTable
    exchange: str = ""
    key: str = ""


def queue_subject(subject: str) -> str:
    """Returns the subject of the queue that is declared for a message on `subject` if there is none.

    Raises `InvalidArgument` if it is not the subject of a queue.
    """
    if subject.startswith(f"{STAGES}."):
        return subject
    if subject.startswith(f"{STATUS}."):
        return f"{STATUS}.>"
    raise InvalidArgument(f"{subject!r} is not the subject of a queue.")


def queue_name(subject: str) -> str:
    """Returns the name of a subject's queue."""
    return subject.replace(">", "all").replace("*", "any")


def binding_key(subject: str) -> str:
    """Returns a subject's binding key; `>` is one word or more, which a topic exchange writes as `*.#`."""
    return subject.removesuffix(">") + "*.#" if subject.endswith(".>") else subject


def work_queue(subject: str) -> QuorumQueue:
    """Returns the work queue of a subject.

    A message leaves it for the dead letters only once it has arrived there.
    """
    arguments = {**_QUORUM, **_dead_letters_to(DEAD), "x-delivery-limit": MAX_DELIVERIES - 1}
    return QuorumQueue(queue_name(subject), arguments, WORK, binding_key(subject))


def dead_queue() -> QuorumQueue:
    """Returns the queue of dead letters."""
    arguments = {**_QUORUM, "x-message-ttl": DEAD_SECONDS * 1000, "x-max-length": MAX_DEAD_MESSAGES}
    return QuorumQueue(DEAD, arguments, DEAD, "#")


def health_queue() -> QuorumQueue:
    """Returns the queue in which a check stores a message: the newest only, and not for long."""
    arguments = {**_QUORUM, "x-max-length": 1, "x-message-ttl": HEALTH_SECONDS * 1000}
    return QuorumQueue(HEALTH_QUEUE, arguments)


def delay_queue(seconds: float) -> QuorumQueue:
    """Returns a queue that delays messages by `seconds` to twice as long.

    Then a message goes to the queue that its routing key names. Each delay has a queue of its own, as a
    message leaves a queue only after those before it; delays are rounded up, so that there are few queues.
    """
    milliseconds = MIN_DELAY_MILLISECONDS
    while milliseconds < seconds * 1000:
        milliseconds *= 2
    exchange = f"{DELAY}.{milliseconds}"
    return QuorumQueue(exchange, {**_QUORUM, **_dead_letters_to(""), "x-message-ttl": milliseconds}, exchange)


def private_queue(returns_to: str, lease_seconds: float) -> QuorumQueue:
    """Returns a session's own queue; what is not consumed within the lease returns to the work queue."""
    arguments = {
        **_QUORUM,
        **_dead_letters_to(""),
        "x-dead-letter-routing-key": returns_to,
        "x-message-ttl": max(1, round(lease_seconds * 1000)),
        "x-expires": round((lease_seconds + UNUSED_SECONDS) * 1000),
    }
    return QuorumQueue(f"likeness.held.{uuid4().hex}", arguments)


async def declare_exchanges(channel: Channel) -> None:
    """Declares all exchanges, and the queue behind the marks of settled queues."""
    await channel.exchange_declare(WORK, exchange_type=TOPIC, durable=True)
    await channel.exchange_declare(BROADCAST, exchange_type=TOPIC, durable=True)
    await channel.exchange_declare(DEAD, exchange_type=TOPIC, durable=True)
    await channel.exchange_declare(SETTLED, exchange_type=DIRECT, durable=True)
    await channel.queue_declare(SETTLED, durable=True, arguments={"x-message-ttl": 0})


async def declare_listener(channel: Channel, subject: str) -> str:
    """Declares a listener's queue, which ends with its connection, and returns its name."""
    declared = await channel.queue_declare(
        exclusive=True, auto_delete=True, arguments={"x-max-length": MAX_LISTENER_MESSAGES}
    )
    assert declared.queue is not None
    await channel.queue_bind(declared.queue, BROADCAST, binding_key(subject))
    return declared.queue


def _dead_letters_to(exchange: str) -> FieldTable:
    """Returns arguments that pass messages on to `exchange` without loss when their time is over."""
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
