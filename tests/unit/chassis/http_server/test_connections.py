"""Which connection makes room for a new one."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from services.chassis.http_server.addresses import read_networks
from services.chassis.http_server.connections import Connections
from services.chassis.http_server.limits import ConnectionLimits


@dataclass(eq=False)
class FakeConnection:
    overdue: bool = False
    expired: bool = False
    aborted: bool = False

    def is_overdue(self, now: float) -> bool:
        return self.overdue

    def expire(self) -> None:
        self.expired = True

    def abort(self) -> None:
        self.aborted = True


Admit = Callable[..., tuple[FakeConnection, bool]]


@pytest.fixture
async def connections() -> Connections:
    limits = ConnectionLimits(
        connections=5, connections_per_address=3, trusted_proxies=read_networks("10.0.0.9")
    )
    return Connections(limits)


@pytest.fixture
def admit(connections: Connections) -> Admit:
    def admit(host: str, *, waits: bool = True) -> tuple[FakeConnection, bool]:
        connection = FakeConnection()
        admitted = connections.admit(connection, host)
        if waits:
            connections.wait(connection)
        return connection, admitted

    return admit


async def test_the_longest_waiting_of_the_address_makes_room(connections: Connections, admit: Admit):
    other, _ = admit("10.0.0.1")
    first, second, third = (admit("10.0.0.2")[0] for _ in range(3))
    connections.wait(first)  # it has moved
    fourth, admitted = admit("10.0.0.2")
    assert admitted
    assert [each.aborted for each in (other, first, second, third, fourth)] == [False, False, True] + [
        False
    ] * 2
    assert len(connections) == 4


async def test_the_longest_waiting_of_all_makes_room(connections: Connections, admit: Admit):
    first, *others = (admit(f"10.0.0.{number}")[0] for number in range(1, 6))
    last, admitted = admit("10.0.1.1")
    assert admitted
    assert first.aborted
    assert not any(each.aborted for each in (*others, last))
    assert len(connections) == 5


async def test_connections_that_are_answered_make_no_room(connections: Connections, admit: Admit):
    busy = [admit("10.0.0.1", waits=False)[0] for _ in range(3)]
    assert not admit("10.0.0.1")[1]
    assert admit("10.0.0.2", waits=False)[1]
    assert not any(each.aborted for each in busy)


async def test_a_refused_connection_makes_room_for_the_next(connections: Connections, admit: Admit):
    for _ in range(3):
        admit("10.0.0.1", waits=False)
    refused = [admit("10.0.0.1")[0] for _ in range(10)]
    assert [each.aborted for each in refused] == [True] * 9 + [False]
    assert len(connections) == 4


async def test_a_refused_connection_closes_none_of_another_address(connections: Connections, admit: Admit):
    for _ in range(3):
        admit("10.0.0.1", waits=False)
    others = [admit("10.0.0.2")[0] for _ in range(2)]
    assert not admit("10.0.0.1")[1]
    assert not any(each.aborted for each in others)


async def test_a_proxy_has_the_common_limit_only(connections: Connections, admit: Admit):
    assert [admit("10.0.0.9", waits=False)[1] for _ in range(6)] == [True] * 5 + [False]


async def test_the_overdue_are_ended_while_they_wait(connections: Connections, admit: Admit):
    overdue, punctual, answered = admit("a")[0], admit("b")[0], admit("c")[0]
    overdue.overdue = answered.overdue = True
    connections.resume(answered)
    connections.sweep(0)
    assert (overdue.expired, punctual.expired, answered.expired) == (True, False, False)


async def test_a_closed_connection_is_forgotten(connections: Connections, admit: Admit):
    for _ in range(20):
        connection, admitted = admit("10.0.0.1", waits=False)
        assert admitted
        connections.remove(connection)
        connections.wait(connection)
        connections.sweep(0)
    assert len(connections) == 0
