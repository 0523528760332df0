import socket
from pathlib import Path

import pytest

from services.cli.errors import StackError
from services.cli.stack.ports import (
    OUTGOING,
    choose_ports,
    free_loopback_ports,
    is_free_on_loopback,
    load_ports,
    require_free,
    save_ports,
)


def from_50_up(count: int) -> list[int]:
    return list(range(50, 50 + count))


@pytest.mark.parametrize(
    ("preferred", "taken", "expected"),
    [
        ({}, set(), {"a": 50, "b": 51}),
        ({"a": 1, "b": 2}, set(), {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {1}, {"a": 50, "b": 2}),
        ({"a": 1, "b": 1}, set(), {"a": 1, "b": 50}),
        ({"a": 50}, set(), {"a": 50, "b": 51}),
        ({"a": 1, "gone": 3}, set(), {"a": 1, "b": 50}),
    ],
)
def test_the_preferred_port_where_it_is_free(
    preferred: dict[str, int], taken: set[int], expected: dict[str, int]
) -> None:
    assert choose_ports(["a", "b"], preferred, lambda port: port not in taken, from_50_up) == expected


def test_a_listening_socket_takes_its_port() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        assert not is_free_on_loopback(port)
        with pytest.raises(StackError, match=f"Port {port} is taken"):
            require_free(port)
    assert is_free_on_loopback(port)


def test_free_ports_are_all_different() -> None:
    assert len(set(free_loopback_ports(20))) == 20


def test_no_connection_is_given_the_port_of_a_server() -> None:
    first, last = (int(port) for port in OUTGOING.read_text().split())
    if first <= 10_000:
        pytest.skip(f"connections are given ports from {first} up here: none is kept for servers")

    assert not [port for port in free_loopback_ports(20) if first <= port <= last]


def test_ports_are_found_again(tmp_path: Path) -> None:
    save_ports(tmp_path / "ports.json", {"nats": 4222})

    assert load_ports(tmp_path / "ports.json") == {"nats": 4222}
    assert load_ports(tmp_path / "absent.json") == {}
