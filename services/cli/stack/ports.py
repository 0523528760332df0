"""Which loopback ports the stack listens on."""

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
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""From which port to which the kernel gives them to connections."""
_LOWEST = 10_000
_ANY = 0


def choose_ports(
    names: Iterable[str],
    preferred: Mapping[str, int],
    is_free: Callable[[int], bool],
    free_ports: Callable[[int], list[int]],
) -> dict[str, int]:
    """One port for each name, all different: the preferred one where it is free."""
    chosen: dict[str, int] = {}
    missing: list[str] = []
    for name in names:
        port = preferred.get(name)
        if port is not None and port not in chosen.values() and is_free(port):
            chosen[name] = port
        else:
            missing.append(name)
    # Ports that were handed out above may be free still: ask for enough to leave them out.
    spare = [port for port in free_ports(len(missing) + len(chosen)) if port not in chosen.values()]
    return chosen | dict(zip(missing, spare, strict=False))


def is_free_on_loopback(port: int) -> bool:
    """Nothing listens there, and this user may."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_loopback_ports(count: int) -> list[int]:
    """Different ports: all are held until the last is known.

    If the kernel leaves any, no connection is ever given them: who is started again finds its own free.
    """
    candidates = _candidates()
    with ExitStack() as held:
        return [_bind(held.enter_context(socket.socket()), candidates) for _ in range(count)]


def _candidates() -> Iterator[int]:
    kept_for_servers = range(_LOWEST, int(OUTGOING.read_text().split()[0]))
    yield from random.sample(kept_for_servers, len(kept_for_servers))
    yield from repeat(_ANY)


def _bind(probe: socket.socket, candidates: Iterator[int]) -> int:
    for port in candidates:
        with suppress(OSError):  # it is taken
            probe.bind((LOOPBACK, port))
            break
    return int(probe.getsockname()[1])


def load_ports(path: Path) -> dict[str, int]:
    """Those of the last start; none if there was none or its file is damaged, for any port will do."""
    try:
        ports = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {name: port for name, port in ports.items() if isinstance(port, int)}


def save_ports(path: Path, ports: Mapping[str, int]) -> None:
    write_private(path, json.dumps(ports, indent=2) + "\n")


def require_free(port: int) -> None:
    """Raises StackError if the port that the user asked for cannot be had."""
    if not is_free_on_loopback(port):
        raise StackError(f"Port {port} is taken. Leave out --port to use a free one, or choose another.")
