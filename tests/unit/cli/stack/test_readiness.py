"""Says what a stack still lacks, asked of a gateway with canned responses."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from services.cli.stack.ports import LOOPBACK, free_loopback_ports
from services.cli.stack.readiness import missing_in

KEY = "lk_test"
ALL = ("tts", "voice", "video", "mux")
Responses = Mapping[str, tuple[int, str]]


@contextmanager
def gateway(responses: Responses) -> Generator[str]:
    """Yields the URL of a server that gives the response of each path to who has the key."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = responses[self.path]
            authorized = self.path == "/readyz" or self.headers["Authorization"] == f"Bearer {KEY}"
            self.send_response(status if authorized else 401)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Keeps the requests off the terminal."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}"
        finally:
            server.shutdown()


def engines(*services: str) -> tuple[int, str]:
    data = [{"service": service, "workers": 1 if service in services else 0} for service in ALL]
    return 200, json.dumps({"data": data})


@pytest.mark.parametrize(
    ("responses", "missing"),
    [
        ({"/v1/engines": engines(*ALL), "/readyz": (200, "")}, None),
        ({"/v1/engines": engines("tts", "video")}, "no worker yet for voice, mux"),
        ({"/v1/engines": (503, "later")}, "the gateway does not list its engines: later"),
        (
            {"/v1/engines": engines(*ALL), "/readyz": (503, "no store")},
            "the gateway is not ready: no store",
        ),
    ],
)
async def test_the_stack_lacks_what_its_gateway_lacks(responses: Responses, missing: str | None) -> None:
    with gateway(responses) as url:
        assert await missing_in(url, KEY) == missing


async def test_a_gateway_that_does_not_listen_is_missing() -> None:
    (port,) = free_loopback_ports(1)

    missing = await missing_in(f"http://{LOOPBACK}:{port}", KEY)

    assert missing == "the gateway does not answer (ConnectionRefusedError)"
