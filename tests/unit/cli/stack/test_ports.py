import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from services.cli.errors import StackError
from services.cli.stack.ports import (
    OUTGOING_RANGE,
    ReservedPorts,
    free_loopback_ports,
    load_ports,
    require_reserved,
    save_ports,
)


@pytest.fixture
def stack() -> Iterator[ReservedPorts]:
    with closing(ReservedPorts()) as reserved:
        yield reserved


@pytest.fixture
def other_stack() -> Iterator[ReservedPorts]:
    with closing(ReservedPorts()) as reserved:
        yield reserved


def test_the_preferred_port_is_chosen_where_it_is_free(stack: ReservedPorts) -> None:
    one, other, taken = free_loopback_ports(3)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", taken))
        listener.listen()

        chosen = stack.choose(["a", "b", "c", "d"], {"a": one, "b": taken, "c": one, "gone": other})

    assert chosen["a"] == one
    assert {"a", "b", "c", "d"} == set(chosen)
    assert len(set(chosen.values())) == 4
    assert taken not in chosen.values()


def test_no_two_stacks_choose_the_same_port(stack: ReservedPorts, other_stack: ReservedPorts) -> None:
    (port,) = free_loopback_ports(1)

    assert stack.reserve(port)
    assert not other_stack.reserve(port)
    with pytest.raises(StackError, match=f"Port {port} is taken"):
        require_reserved(other_stack, port)

    stack.close()
    assert other_stack.reserve(port)


def choose(reserved: ReservedPorts) -> dict[str, int]:
    return reserved.choose(["a", "b", "c"], {"a": 8000})


def test_many_stacks_that_start_at_once_have_ports_of_their_own() -> None:
    with ExitStack() as running:
        stacks = [running.enter_context(closing(ReservedPorts())) for _ in range(10)]
        with ThreadPoolExecutor(10) as starting:
            chosen = list(starting.map(choose, stacks))

    ports = [port for each in chosen for port in each.values()]
    assert len(set(ports)) == 30


def test_a_server_of_the_stack_listens_on_its_reserved_port(stack: ReservedPorts) -> None:
    (port,) = stack.reserve_any(1)
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            accepted, _ = server.accept()
            accepted.close()
    assert not stack.reserve(port), "it is reserved still"


def test_the_port_of_a_server_that_has_just_ended_is_free(stack: ReservedPorts) -> None:
    (port,) = free_loopback_ports(1)
    with socket.create_server(("127.0.0.1", port)) as server:
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first keeps the connection for a minute
        client.close()

    assert stack.reserve(port)


def test_free_ports_are_all_different() -> None:
    assert len(set(free_loopback_ports(20))) == 20


def test_free_ports_lie_outside_the_range_of_outgoing_connections() -> None:
    first, last = (int(port) for port in OUTGOING_RANGE.read_text().split())
    if first <= 10_000:
        pytest.skip(f"connections are given ports from {first} up here: none is kept for servers")

    assert not [port for port in free_loopback_ports(20) if first <= port <= last]


def test_saved_ports_are_loaded_again(tmp_path: Path) -> None:
    save_ports(tmp_path / "ports.json", {"nats": 4222})

    assert load_ports(tmp_path / "ports.json") == {"nats": 4222}
    assert load_ports(tmp_path / "absent.json") == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("[1]", {}),
        ("4222", {}),
        ('{"nats": 70000, "s3": 65536, "filer": 65535}', {"filer": 65535}),
        ('{"nats": 0, "s3": -1, "filer": 1}', {"filer": 1}),
        ('{"nats": "4222", "s3": true, "filer": 8888}', {"filer": 8888}),
    ],
)
def test_damaged_ports_are_left_out(tmp_path: Path, text: str, expected: dict[str, int]) -> None:
    (tmp_path / "ports.json").write_text(text)
    assert load_ports(tmp_path / "ports.json") == expected
