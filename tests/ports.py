"""Loopback ports for the servers that tests start, held until the test process ends.

A broker that a test kills finds its port free when it starts again, whatever other tests start meanwhile.
"""

from services.cli.stack.ports import ReservedPorts

_reserved = ReservedPorts()


def reserve_ports(count: int) -> list[int]:
    """Returns different ports that no other test process, and no local stack, chooses."""
    return _reserved.reserve_any(count)
