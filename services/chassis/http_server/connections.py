"""Counts the open connections of a server, and closes those that wait for their clients for too long."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from prometheus_client import Counter, Gauge

from services.chassis.http_server.addresses import client_group, is_within
from services.chassis.http_server.limits import ConnectionLimits

SWEEP_SECONDS = 1.0
OPEN = Gauge("likeness_http_connections", "Open HTTP connections")
CLOSED = Counter("likeness_http_connections_closed_total", "HTTP connections that a limit closed", ["reason"])


class Connection(Protocol):
    """A connection as its registry sees it."""

    def is_overdue(self, now: float) -> bool:
        """Returns whether the connection has waited for its client for too long."""
        ...

    def expire(self) -> None:
        """Ends the connection, with an answer if one is due."""
        ...

    def abort(self) -> None:
        """Ends the connection at once."""
        ...


@dataclass(slots=True)
class Client:
    """Connections of one address; those that wait for it, the longest first."""

    count: int = 0
    waiting: "dict[Connection, None]" = field(default_factory=dict["Connection", None])


class Connections:
    """Registry of the open connections.

    A connection *waits* while its client has to do something: send its headers or its body, take its
    response, or send the next request. At a limit, the one that has waited longest makes room.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._clients: dict[str, Client] = {}
        self._open: dict[Connection, str] = {}
        self._waiting: dict[Connection, None] = {}
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: Connection, host: str) -> bool:
        """Registers the connection. Returns False if there was no room for it, and none could be made."""
        group = client_group(host)
        client = self._clients.setdefault(group, Client())
        trusted = is_within(host, self._limits.trusted_proxies)
        room = trusted or client.count < self._limits.connections_per_address or self._evict(client.waiting)
        room = room and (len(self._open) < self._limits.connections or self._evict(self._waiting))
        self._clients.setdefault(group, client).count += 1
        self._open[connection] = group
        OPEN.inc()
        self._schedule()
        return room

    def remove(self, connection: Connection) -> None:
        group = self._open.pop(connection, None)
        if group is None:
            return
        OPEN.dec()
        client = self._clients[group]
        client.count -= 1
        self._waiting.pop(connection, None)
        client.waiting.pop(connection, None)
        if not client.count:
            del self._clients[group]

    def wait(self, connection: Connection) -> None:
        """Notes that the connection waits for its client, from now on."""
        self.resume(connection)
        if (group := self._open.get(connection)) is not None:
            self._waiting[connection] = None
            self._clients[group].waiting[connection] = None

    def resume(self, connection: Connection) -> None:
        """Notes that the connection does not wait for its client."""
        if connection in self._waiting:
            del self._waiting[connection]
            del self._clients[self._open[connection]].waiting[connection]

    def sweep(self, now: float) -> None:
        """Ends the connections that have waited for too long."""
        for connection in [each for each in self._waiting if each.is_overdue(now)]:
            connection.expire()

    def _evict(self, waiting: "dict[Connection, None]") -> bool:
        """Aborts the connection that has waited longest. Returns False if none waits."""
        oldest = next(iter(waiting), None)
        if oldest is None:
            return False
        CLOSED.labels("room").inc()
        self.remove(oldest)
        oldest.abort()
        return True

    def _schedule(self) -> None:
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._run_sweep)

    def _run_sweep(self) -> None:
        self._sweep = None
        self.sweep(asyncio.get_running_loop().time())
        if self._open:
            self._schedule()
