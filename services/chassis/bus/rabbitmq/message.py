"""An envelope as RabbitMQ carries it."""

from typing import Any

from aiormq import spec
from aiormq.abc import DeliveredMessage

from services.chassis.bus.protocol import Envelope

SUBJECT = "x-likeness-subject"
"""Of a message that has been passed on, whose routing key names a queue."""
DELIVERIES = "x-likeness-deliveries"
"""How often the message was delivered before it was passed on: the broker's count begins anew then."""
HOLD = "x-likeness-hold"
"""Which delivery a held copy belongs to."""

_DELIVERY_COUNT = "x-delivery-count"


def envelope_of(message: DeliveredMessage) -> Envelope:
    table = headers_of(message)
    headers = {name: str(value) for name, value in table.items() if not name.startswith("x-")}
    return Envelope(
        subject=str(table.get(SUBJECT) or message.routing_key or ""),
        id=headers.get("ce-id", ""),
        data=bytes(message.body),
        headers=headers,
    )


def attempt_of(message: DeliveredMessage) -> int:
    """Which delivery of the message this is, from one."""
    headers = headers_of(message)
    return int(headers.get(DELIVERIES, 0)) + int(headers.get(_DELIVERY_COUNT, 0)) + 1


def copy_headers(envelope: Envelope, deliveries: int, **more: Any) -> dict[str, Any]:
    """Of a copy that is passed on, after so many deliveries."""
    return {**envelope.headers, SUBJECT: envelope.subject, DELIVERIES: deliveries, **more}


def headers_of(message: DeliveredMessage) -> dict[str, Any]:
    return dict(message.header.properties.headers or {})


def tag_of(message: DeliveredMessage) -> int:
    """The number by which the channel knows the message until it is acknowledged."""
    assert isinstance(message.delivery, spec.Basic.Deliver | spec.Basic.GetOk)
    assert message.delivery.delivery_tag is not None
    return message.delivery.delivery_tag
