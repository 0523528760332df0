"""Guarded routes check the API key and the size before they read a body."""

from collections.abc import AsyncIterator
from contextlib import nullcontext

from starlette.types import Message

from services.gateway.app import build_app
from services.gateway.kinds import load_kinds
from tests.integration.gateway.gateway import Gateway

MEBIBYTE = bytes(1 << 20)
JSON = {"content-type": "application/json"}


async def blocks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield MEBIBYTE


async def fail_on_read() -> Message:
    raise AssertionError("the body was read")


async def test_a_wrong_key_is_refused_before_the_body_is_read(gateway: Gateway):
    app = build_app(lambda: nullcontext(gateway.components), load_kinds())
    app.state.components = gateway.components
    headers = [(b"authorization", b"Bearer wrong"), (b"content-type", b"multipart/form-data; boundary=x")]
    scope = {"type": "http", "method": "POST", "path": "/v1/assets", "headers": headers, "query_string": b""}
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, fail_on_read, send)
    assert sent[0]["status"] == 401


async def test_a_declared_size_above_the_limit_is_refused(gateway: Gateway):
    response = await gateway.http.post("/v1/videos", content=MEBIBYTE * 33, headers=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (413, "file_too_large")


async def test_a_body_of_undeclared_length_is_refused_at_the_limit(gateway: Gateway):
    response = await gateway.http.post("/v1/videos", content=blocks(40), headers=JSON)
    assert response.status_code == 413
    assert "16 MiB" in response.json()["error"]["message"]


async def test_routes_without_files_have_a_small_limit(gateway: Gateway):
    for headers in (JSON, {"content-type": "multipart/form-data; boundary=x"}):
        response = await gateway.http.post("/v1/audio/speech", content=MEBIBYTE * 3, headers=headers)
        assert response.status_code == 413
        assert "2 MiB" in response.json()["error"]["message"]
