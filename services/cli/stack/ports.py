"""Chooses the loopback ports of the stack, and stores them for its next start."""

import json
import random
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from itertools import repeat
from pathlib import Path

from services.cli.errors import StackError
from services.cli.stack.data_folder import write_private

LOOPBACK = "127.0.0.1"
OUTGOING_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""The first and last port that the kernel assigns to outgoing connections."""
_MIN_PORT = 10_000
_ANY_PORT = 0


def choose_ports(
    names: Iterable[str],
    preferred: Mapping[str, int],
    is_free: Callable[[int], bool],
    free_ports: Callable[[int], list[int]],
) -> dict[str, int]:
    """Returns one port for each name, all different: the preferred one where it is free."""
    chosen: dict[str, int] = {}
    missing: list[str] = []
    for name in names:
        port = preferred.get(name)
        if port is not None and port not in chosen.values() and is_free(port):
            chosen[name] = port
        else:
            missing.append(name)
    # Ports that were chosen above may still count as free: request enough of them to leave those out.
    spare = [port for port in free_ports(len(missing) + len(chosen)) if port not in chosen.values()]
    return chosen | dict(zip(missing, spare, strict=False))


def is_free_on_loopback(port: int) -> bool:
    """Tells whether this user can listen on the port, and no other process does."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_loopback_ports(count: int) -> list[int]:
    """Returns different free ports: all are held until the last is known.

    They lie outside the range of outgoing connections if the kernel leaves any there, so that a server which
    is started again finds its port free.
    """
    candidates = _candidates()
    with ExitStack() as held:
        return [_bind(held.enter_context(socket.socket()), candidates) for _ in range(count)]


def _candidates() -> Iterator[int]:
    """Yields the ports below the outgoing range in random order, and then 0 for ever: any free port."""
    kept_for_servers = range(_MIN_PORT, int(OUTGOING_RANGE.read_text().split()[0]))
    yield from random.sample(kept_for_servers, len(kept_for_servers))
    yield from repeat(_ANY_PORT)


def _bind(probe: socket.socket, candidates: Iterator[int]) -> int:
    """Binds the socket to the first candidate that is free, and returns its port."""
    for port in candidates:
        with suppress(OSError):  # it is taken
            probe.bind((LOOPBACK, port))
            break
    return int(probe.getsockname()[1])


def load_ports(path: Path) -> dict[str, int]:
    """Returns the ports of the last start by name.

    They are only preferences: the result is empty if there was no start, or if the file is damaged.
    """
    try:
        ports = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {name: port for name, port in ports.items() if isinstance(port, int)}


def save_ports(path: Path, ports: Mapping[str, int]) -> None:
    write_private(path, json.dumps(ports, indent=2) + "\n")


def require_free(port: int) -> None:
    """Raises StackError if the port that the user chose is taken."""
    if not is_free_on_loopback(port):
        raise StackError(f"Port {port} is taken. Leave out --port to use a free one, or choose another.")
