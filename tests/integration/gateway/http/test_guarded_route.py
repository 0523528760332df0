"""Guarded routes check the API key and the size before they read a body."""

import json
from collections.abc import AsyncIterator
from contextlib import nullcontext

import pytest
from starlette.types import Message

from services.gateway.app import build_app
from services.gateway.kinds import load_kinds
from tests.integration.gateway.gateway import Gateway

MEBIBYTE = bytes(1 << 20)
JSON = {"content-type": "application/json"}


PARSED = ("/v1/avatars", "/v1/effects", "/v1/audio/speech", "/v1/text-to-speech/en-us", "/v1/assets/uploads")


async def blocks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield MEBIBYTE


async def fail_on_read() -> Message:
    raise AssertionError("the body was read")


async def test_a_wrong_key_is_refused_before_the_body_is_read(gateway: Gateway):
    app = build_app(lambda: nullcontext(gateway.components), load_kinds())
    app.state.components = gateway.components
    headers = [(b"authorization", b"Bearer wrong"), (b"content-type", b"multipart/form-data; boundary=x")]
    scope = {
        "type": "http",
        "scheme": "http",
        "method": "POST",
        "path": "/v1/assets",
        "headers": headers,
        "query_string": b"",
    }
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
    assert (response.status_code, response.json()["error"]["code"]) == (413, "file_too_large")
    assert "16 MiB" in response.json()["error"]["message"]


async def test_routes_without_files_have_a_small_limit(gateway: Gateway):
    for headers in (JSON, {"content-type": "multipart/form-data; boundary=x"}):
        response = await gateway.http.post("/v1/audio/speech", content=MEBIBYTE * 3, headers=headers)
        assert response.status_code == 413
        assert "2 MiB" in response.json()["error"]["message"]


@pytest.mark.parametrize("path", PARSED)
async def test_a_body_that_fastapi_parses_has_few_values(gateway: Gateway, path: str):
    for count, code in ((1_999, "invalid_request"), (2_000, "too_many_values")):
        body = {f"key{number}": 0 for number in range(count)}
        response = await gateway.http.post(path, json=body)
        assert (response.status_code, response.json()["error"]["code"]) == (422, code)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be", "latin-1"])
async def test_json_is_read_in_utf_8_only(gateway: Gateway, encoding: str):
    body = json.dumps({"name": "é" if encoding == "latin-1" else "\u2200"}, ensure_ascii=False).encode(
        encoding
    )
    response = await gateway.http.post("/v1/avatars", content=body, headers=JSON)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "invalid_json")
    assert "UTF-8" in error["message"]
