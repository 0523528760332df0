"""Names of streams and consumers on NATS."""

import pytest

from services.chassis.bus.nats.topology import consumer_name, stream_name
from services.chassis.errors import InvalidArgument


@pytest.mark.parametrize(
    ("subject", "stream", "consumer"),
    [
        ("likeness.stages.v1.tts.espeak", "likeness-stages", "likeness__stages__v1__tts__espeak"),
        ("likeness.status.v1.mux", "likeness-status", "likeness__status__v1__mux"),
        ("likeness.status.v1.>", "likeness-status", "likeness__status__v1__all"),
    ],
)
def test_a_queue_has_a_stream_and_one_consumer(subject: str, stream: str, consumer: str) -> None:
    assert (stream_name(subject), consumer_name(subject)) == (stream, consumer)


def test_a_subject_of_broadcasts_is_refused() -> None:
    with pytest.raises(InvalidArgument):
        stream_name("likeness.cancel.v1")
