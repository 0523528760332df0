"""Conversion between RabbitMQ messages and envelopes."""

from typing import Any

from aiormq import spec
from aiormq.abc import DeliveredMessage

from services.chassis.bus.protocol import Envelope

SUBJECT = "x-likeness-subject"
"""Header with the subject of a republished message, whose routing key names a queue."""
DELIVERIES = "x-likeness-deliveries"
"""Header with the number of deliveries before a message was republished: the broker's count restarts then."""
PRIVATE_COPY = "x-likeness-hold"
"""Header that identifies the delivery which a copy in the private queue belongs to."""

_DELIVERY_COUNT = "x-delivery-count"


def envelope_of(message: DeliveredMessage) -> Envelope:
    """Returns the envelope in a message."""
    table = headers_of(message)
    headers = {name: str(value) for name, value in table.items() if not name.startswith("x-")}
    return Envelope(
        subject=str(table.get(SUBJECT) or message.routing_key or ""),
        id=headers.get("ce-id", ""),
        data=bytes(message.body),
        headers=headers,
    )


def attempt_of(message: DeliveredMessage) -> int:
    """Returns the number of this delivery of the message, from one."""
    headers = headers_of(message)
    return int(headers.get(DELIVERIES, 0)) + int(headers.get(_DELIVERY_COUNT, 0)) + 1


def copy_headers(envelope: Envelope, deliveries: int, **more: Any) -> dict[str, Any]:
    """Returns the headers of a copy that is republished after `deliveries` deliveries."""
    return {**envelope.headers, SUBJECT: envelope.subject, DELIVERIES: deliveries, **more}


def headers_of(message: DeliveredMessage) -> dict[str, Any]:
    return dict(message.header.properties.headers or {})


def tag_of(message: DeliveredMessage) -> int:
    """Returns the number by which the channel knows the message until it is acknowledged."""
    assert isinstance(message.delivery, spec.Basic.Deliver | spec.Basic.GetOk)
    assert message.delivery.delivery_tag is not None
    return message.delivery.delivery_tag
