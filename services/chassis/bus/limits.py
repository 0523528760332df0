"""What any bus carries, so that no broker's own limit is a difference in the product."""

from services.chassis.bus.protocol import Envelope
from services.chassis.errors import InvalidArgument

MAX_BYTES = 1 << 20
"""NATS' usual limit; RabbitMQ's is above it."""
_HEADER_OVERHEAD = 1024  # the protocol's own lines, separators and the id header, generously


def check_size(envelope: Envelope, limit: int = MAX_BYTES) -> None:
    """Raises `InvalidArgument` if the message, its headers included, is more than `limit` bytes."""
    headers = envelope.headers
    size = len(envelope.data) + sum(map(len, headers)) + sum(map(len, headers.values())) + _HEADER_OVERHEAD
    if size > limit:
        raise InvalidArgument(
            f"A message of {size} bytes is more than the bus carries ({limit} bytes): "
            "make the request smaller."
        )
