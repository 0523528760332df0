"""Size limit of messages, the same for every bus, so that a broker's own limit makes no difference in the
product.
"""

from services.chassis.bus.protocol import Envelope
from services.chassis.errors import InvalidArgument

MAX_BYTES = 1 << 20
"""NATS' default limit; RabbitMQ's is higher."""
_HEADER_OVERHEAD = 1024  # the protocol's own lines, separators and the id header, generously


def check_size(envelope: Envelope, limit: int = MAX_BYTES) -> None:
    """Raises `InvalidArgument` if the message, its headers included, has more than `limit` bytes."""
    headers = envelope.headers
    size = len(envelope.data) + sum(map(len, headers)) + sum(map(len, headers.values())) + _HEADER_OVERHEAD
    if size > limit:
        raise InvalidArgument(
            f"A message of {size} bytes is more than the bus carries ({limit} bytes): "
            "make the request smaller."
        )
