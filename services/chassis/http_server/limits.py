"""Limits of what one client may send, hold open and delay."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

KIBIBYTE = 1024
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of connections to an HTTP server."""

    connections: int = 4_000
    """Open connections of all clients together."""
    connections_per_address: int = 1_000
    """Open connections of one address; trusted proxies have no limit of their own."""
    trusted_proxies: Sequence[Network] = ()

    url_bytes: int = 16 * KIBIBYTE
    head_bytes: int = 32 * KIBIBYTE
    """Limit of all header lines of a request together, without its URL."""
    headers: int = 100
    pipelined: int = 16
    """Requests that may wait on one connection for the response to an earlier one."""

    head_seconds: float = 10.0
    """Time from the connection, or the first byte of a later request, to the end of the headers."""
    idle_seconds: float = 5.0
    """Time from a response to the first byte of the next request."""
    stall_seconds: float = 15.0
    """Time without a byte of a body, or without one that the client has taken of a response."""
    min_bytes_per_second: int = 1 * KIBIBYTE
    """Least average rate of a body, and of a response that the client is slow to take; counted after
    `stall_seconds`."""
    linger_seconds: float = 2.0
    """Time for which a refused client may go on sending, so that it can read why."""
    linger_bytes: int = 1024 * KIBIBYTE
    leftover_seconds: float = 15.0
    """Time for which the rest of a body is dropped after its request has been answered."""
