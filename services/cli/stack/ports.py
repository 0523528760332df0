"""Chooses the loopback ports of the stack, holds them while it runs, and stores them for its next start."""

import json
import random
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path
from typing import cast

from services.cli.errors import StackError
from services.cli.stack.data_folder import write_private

LOOPBACK = "127.0.0.1"
OUTGOING_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""The first and last port that the kernel assigns to outgoing connections."""
_MIN_PORT = 10_000
_ANY_PORT = 0
MAX_PORT = 65535


class ReservedPorts:
    """Ports that no other stack of this machine, of any user, chooses until they are closed.

    The kernel gives them back if the process dies. The servers of this stack can listen on them: a port is
    bound here, but none is listened on.
    """

    def __init__(self) -> None:
        self._held = ExitStack()

    def choose(self, names: Iterable[str], preferred: Mapping[str, int]) -> dict[str, int]:
        """Reserves a port for each name, all different: the preferred one where it is free."""
        chosen: dict[str, int] = {}
        missing: list[str] = []
        for name in names:
            port = preferred.get(name)
            if port is not None and self.reserve(port):
                chosen[name] = port
            else:
                missing.append(name)
        return chosen | dict(zip(missing, self.reserve_any(len(missing)), strict=True))

    def reserve(self, port: int) -> bool:
        """Returns whether the port was free. It is reserved then."""
        with ExitStack() as taken:
            try:
                # A socket without a file, whose name is free again when its process has ended. Of the two it
                # is the one that excludes other stacks: several sockets may be bound to a port.
                taken.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)).bind(
                    f"\0likeness/port/{port}"
                )
                _bind(taken.enter_context(socket.socket()), port)
            except OSError:
                return False
            self._held.push(taken.pop_all())
        return True

    def reserve_any(self, count: int) -> list[int]:
        """Reserves different ports, and returns them.

        They lie outside the range of outgoing connections if the kernel leaves any there, so that a server
        which is started again finds its port free.
        """
        candidates = _candidates()
        return [next(port for port in candidates if self.reserve(port)) for _ in range(count)]

    def close(self) -> None:
        """Gives the ports back."""
        self._held.close()


def _bind(probe: socket.socket, port: int) -> int:
    """Binds the socket as a server does, which may find connections of its predecessor on the port.

    Returns the port. Raises OSError if a server listens on it, or if this user may not.
    """
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind((LOOPBACK, port))
    return int(probe.getsockname()[1])


def free_loopback_ports(count: int) -> list[int]:
    """Returns different ports that were free a moment ago."""
    reserved = ReservedPorts()
    try:
        return reserved.reserve_any(count)
    finally:
        reserved.close()


def _candidates() -> Iterator[int]:
    """Yields the ports below the outgoing range in random order, and then others that are free."""
    kept_for_servers = range(_MIN_PORT, int(OUTGOING_RANGE.read_text().split()[0]))
    yield from random.sample(kept_for_servers, len(kept_for_servers))
    for port in repeat(_ANY_PORT):
        with socket.socket() as probe:
            yield _bind(probe, port)


def load_ports(path: Path) -> dict[str, int]:
    """Returns the ports of the last start by name.

    They are only preferences: what is damaged is left out.
    """
    try:
        ports = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(ports, dict):
        return {}
    items = cast("dict[str, object]", ports).items()
    return {name: port for name, port in items if type(port) is int and 0 < port <= MAX_PORT}


def save_ports(path: Path, ports: Mapping[str, int]) -> None:
    write_private(path, json.dumps(ports, indent=2) + "\n")


def require_reserved(reserved: ReservedPorts, port: int) -> None:
    """Reserves the port that the user chose. Raises StackError if it is taken."""
    if not reserved.reserve(port):
        raise StackError(f"Port {port} is taken. Leave out --port to use a free one, or choose another.")
