"""The intruder finds servers that let strangers in, so that its silence says something."""

import socket
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from services.cli.stack.servers.certificates import ensure_certificates
from tests.hostile.intruder import GRPC_METHODS, NATS_LOGINS, over_grpc, over_nats
from tests.hostile.kinds.local_services import attacks

INFO = b"INFO {}\r\n"
OPEN = b"+OK\r\nPONG\r\n"
CLOSED = b"-ERR 'Authorization Violation'\r\n"


@contextmanager
def speaking(greeting: bytes, answer: bytes, *, keeps: bool) -> Generator[tuple[int, list[int]]]:
    """Yields the port of a server that says this, and the number of its connections as they come."""
    taken: list[int] = []

    def serve() -> None:
        kept: list[socket.socket] = []
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            taken.append(len(taken))
            kept.append(connection)
            connection.sendall(greeting)
            while greeting and not connection.recv(4096).endswith(b"PING\r\n"):
                pass
            connection.sendall(answer)
            if not keeps:
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], taken
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_nats_server_that_takes_every_login_is_found() -> None:
    with speaking(INFO, OPEN, keeps=True) as (port, _):
        assert len(list(over_nats(port))) == len(NATS_LOGINS)


@pytest.mark.parametrize("keeps", [True, False], ids=["kept open", "closed"])
def test_a_nats_server_that_refuses_is_tried_with_every_login(keeps: bool) -> None:
    with speaking(INFO, CLOSED, keeps=keeps) as (port, taken):
        assert list(over_nats(port)) == []
        assert len(taken) == len(NATS_LOGINS)


def test_a_server_that_does_not_greet_is_no_nats_server() -> None:
    with speaking(b"", b"", keeps=True) as (port, taken):
        assert list(over_nats(port, seconds=0.1)) == []
        assert len(taken) == 1


class AnyMethod(grpc.GenericRpcHandler):
    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return grpc.stream_stream_rpc_method_handler(  # pyright: ignore[reportUnknownVariableType]
            lambda *_: iter([b"x"])
        )


@pytest.mark.parametrize(("asks", "found"), [(False, list(GRPC_METHODS)), (True, [])])
def test_a_tls_server_is_found_unless_it_asks_for_a_certificate(
    tmp_path: Path, asks: bool, found: Sequence[str]
) -> None:
    files = ensure_certificates(tmp_path)
    authority = files.authority.read_bytes()
    pair = (files.key.read_bytes(), files.certificate.read_bytes())
    credentials = grpc.ssl_server_credentials([pair], authority, require_client_auth=asks)
    server = grpc.server(ThreadPoolExecutor(2), [AnyMethod()])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    answered = list(over_grpc(port, authority=authority.decode()))
    server.stop(None).wait()
    assert answered == [f"{method}: 1 messages" for method in found]


def test_only_root_tries_what_another_user_can_do() -> None:
    assert attacks(root=True) and not attacks(root=False)
