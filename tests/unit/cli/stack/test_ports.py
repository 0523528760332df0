import socket
from pathlib import Path

import pytest

from services.cli.errors import StackError
from services.cli.stack.ports import (
    OUTGOING_RANGE,
    choose_ports,
    free_loopback_ports,
    is_free_on_loopback,
    load_ports,
    require_free,
    save_ports,
)


def ports_from_50(count: int) -> list[int]:
    return list(range(50, 50 + count))


@pytest.mark.parametrize(
    ("preferred", "taken", "expected"),
    [
        ({}, (), {"a": 50, "b": 51}),
        ({"a": 1, "b": 2}, (), {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, (1,), {"a": 50, "b": 2}),
        ({"a": 1, "b": 1}, (), {"a": 1, "b": 50}),
        ({"a": 50}, (), {"a": 50, "b": 51}),
        ({"a": 1, "gone": 3}, (), {"a": 1, "b": 50}),
    ],
)
def test_the_preferred_port_is_chosen_where_it_is_free(
    preferred: dict[str, int], taken: tuple[int, ...], expected: dict[str, int]
) -> None:
    assert choose_ports(["a", "b"], preferred, lambda port: port not in taken, ports_from_50) == expected


def test_the_port_of_a_listening_socket_is_not_free() -> None:
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


def test_free_ports_lie_outside_the_range_of_outgoing_connections() -> None:
    first, last = (int(port) for port in OUTGOING_RANGE.read_text().split())
    if first <= 10_000:
        pytest.skip(f"connections are given ports from {first} up here: none is kept for servers")

    assert not [port for port in free_loopback_ports(20) if first <= port <= last]


def test_saved_ports_are_loaded_again(tmp_path: Path) -> None:
    save_ports(tmp_path / "ports.json", {"nats": 4222})

    assert load_ports(tmp_path / "ports.json") == {"nats": 4222}
    assert load_ports(tmp_path / "absent.json") == {}
