"""Names and arguments of the queues on RabbitMQ."""

import pytest

from services.chassis.bus.rabbitmq.topology import (
    MAX_DELIVERIES,
    binding_key,
    dead_queue,
    delay_queue,
    private_queue,
    queue_name,
    queue_subject,
    work_queue,
)
from services.chassis.errors import InvalidArgument


@pytest.mark.parametrize(
    ("subject", "queue", "name", "key"),
    [
        (
            "likeness.stages.v1.tts.espeak",
            "likeness.stages.v1.tts.espeak",
            "likeness.stages.v1.tts.espeak",
            "likeness.stages.v1.tts.espeak",
        ),
        (
            "likeness.status.v1.mux",
            "likeness.status.v1.>",
            "likeness.status.v1.all",
            "likeness.status.v1.*.#",
        ),
    ],
)
def test_a_message_has_one_queue(subject: str, queue: str, name: str, key: str) -> None:
    assert queue_subject(subject) == queue
    assert (queue_name(queue), binding_key(queue)) == (name, key)


def test_a_subject_of_broadcasts_is_refused() -> None:
    with pytest.raises(InvalidArgument):
        queue_subject("likeness.cancel.v1")


def test_a_work_queue_is_a_quorum_queue_that_loses_nothing() -> None:
    arguments = work_queue("likeness.stages.v1.tts.espeak").arguments
    assert arguments["x-queue-type"] == "quorum"
    assert arguments["x-quorum-initial-group-size"] == 3
    assert arguments["x-dead-letter-exchange"] == dead_queue().exchange
    assert arguments["x-dead-letter-strategy"] == "at-least-once"
    assert arguments["x-overflow"] == "reject-publish"


def test_the_delivery_limit_does_not_count_the_first_delivery() -> None:
    assert work_queue("likeness.stages.v1.tts.espeak").arguments["x-delivery-limit"] == MAX_DELIVERIES - 1


@pytest.mark.parametrize(
    ("seconds", "milliseconds"), [(0.01, 125), (0.125, 125), (0.126, 250), (1.0, 1000), (60.0, 64_000)]
)
def test_a_delay_is_never_shorter_and_at_most_twice_as_long(seconds: float, milliseconds: int) -> None:
    assert delay_queue(seconds).arguments["x-message-ttl"] == milliseconds


def test_delays_are_few() -> None:
    assert len({delay_queue(seconds / 10).name for seconds in range(1, 36_000)}) < 20


def test_a_private_queue_is_unique_and_returns_its_messages() -> None:
    one, two = (private_queue("work", lease_seconds=60) for _ in range(2))
    assert one.name != two.name
    assert one.arguments["x-dead-letter-exchange"] == ""
    assert one.arguments["x-dead-letter-routing-key"] == "work"
    assert one.arguments["x-message-ttl"] == 60_000
