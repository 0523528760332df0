"""Methods, caching and CORS of the whole API, without a server behind it."""

from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any, cast

import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, StreamingResponse

from services.gateway.app import build_app
from services.gateway.components import Components
from services.gateway.http.caching import etag_of
from services.gateway.http.methods import is_head
from services.gateway.http.middleware import add_middleware
from services.gateway.kinds import load_kinds
from tests.described_api import openapi

ORIGIN = "https://studio.example.com"
UNUSED = cast(Components, None)
ETAG = etag_of("5e")
VARY = {"authorization", "xi-api-key"}
PREFLIGHT = {
    "origin": ORIGIN,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, content-type, idempotency-key, xi-api-key, traceparent",
}


class Probe:
    """Endpoints that record what is asked of them."""

    def __init__(self) -> None:
        self.streamed: list[str] = []

    def app(self, *origins: str) -> FastAPI:
        app = FastAPI()
        add_middleware(app, origins)
        app.add_api_route("/v1/things", self.show, methods=["GET"])
        app.add_api_route("/v1/things", self.change, methods=["POST"])
        app.add_api_route("/v1/things/{name}", self.change, methods=["DELETE"])
        app.add_api_route("/v1/file", self.file, methods=["GET"])
        app.add_api_route("/v1/broken", self.fail, methods=["GET"])
        app.add_api_route("/v1/stream", self.stream, methods=["GET"])
        app.add_api_route("/open", self.change, methods=["GET"])
        return app

    async def show(self, request: Request) -> dict[str, Any]:
        return {"method": request.method, "head": is_head(request.scope)}

    async def change(self) -> None: ...

    async def file(self) -> RedirectResponse:
        headers = {"etag": ETAG, "cache-control": "private, no-cache"}
        return RedirectResponse("http://store/file", 302, headers)

    async def fail(self) -> None:
        raise RuntimeError("secret")

    async def stream(self) -> StreamingResponse:
        return StreamingResponse(self.endless(), media_type="application/jsonl")

    async def endless(self) -> AsyncIterator[str]:
        while True:
            self.streamed.append("line")
            yield "line"


async def ask(app: FastAPI, method: str, path: str, **headers: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as http:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await http.request(method, path, headers=sent)


def vary(response: httpx2.Response) -> set[str]:
    return {each.strip().lower() for each in response.headers.get("vary", "").split(",")}


async def test_head_answers_as_get_without_the_body():
    app = Probe().app()
    head, get = await ask(app, "HEAD", "/v1/things"), await ask(app, "GET", "/v1/things")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert int(head.headers["content-length"]) == len(b'{"method":"GET","head":true}')


async def test_head_of_a_redirect_has_its_location():
    head = await ask(Probe().app(), "HEAD", "/v1/file")
    assert (head.status_code, head.headers["location"]) == (302, "http://store/file")


@pytest.mark.timeout(20)
async def test_head_of_a_stream_starts_no_stream():
    probe = Probe()
    head = await ask(probe.app(), "HEAD", "/v1/stream")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == "application/jsonl"
    assert probe.streamed == []


async def test_head_of_an_unknown_path_is_a_404_and_of_a_failure_a_500():
    app = Probe().app()
    assert (await ask(app, "HEAD", "/v1/nothing")).status_code == 404
    assert (await ask(app, "HEAD", "/v1/broken")).status_code == 500


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/v1/things", "GET, HEAD, OPTIONS, POST"),
        ("GET", "/v1/things/one", "DELETE, OPTIONS"),
        ("HEAD", "/v1/things/one", "DELETE, OPTIONS"),
        ("BREW", "/v1/file", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_405_names_every_method_of_the_path(method: str, path: str, allow: str):
    response = await ask(Probe().app(), method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allow)


async def test_options_names_the_methods_of_a_path():
    response = await ask(Probe().app(), "OPTIONS", "/v1/things")
    assert (response.status_code, response.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert (await ask(Probe().app(), "OPTIONS", "/v1/nothing")).status_code == 404


def get_paths() -> list[str]:
    paths = [path for path, methods in openapi()["paths"].items() if "get" in methods]
    return [*paths, "/docs", "/openapi.json", "/static-offline-docs/swagger-ui.css"]


@pytest.mark.parametrize("path", get_paths())
@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT"])
async def test_every_path_of_the_api_names_its_methods(path: str, method: str):
    app = build_app(lambda: nullcontext(UNUSED), load_kinds())
    options = await ask(app, "OPTIONS", path)
    assert (options.status_code, options.content) == (204, b"")
    allowed = set(options.headers["allow"].split(", "))
    assert {"GET", "HEAD", "OPTIONS"} <= allowed
    if method not in allowed:
        refused = await ask(app, method, path)
        assert (refused.status_code, set(refused.headers["allow"].split(", "))) == (405, allowed)


async def test_responses_depend_on_the_key_and_are_not_kept():
    app = Probe().app()
    for path, status in (("/v1/things", 200), ("/v1/nothing", 404), ("/v1/broken", 500)):
        response = await ask(app, "GET", path)
        assert (response.status_code, response.headers["cache-control"]) == (status, "no-store")
        assert vary(response) == VARY
    assert "vary" not in (await ask(app, "GET", "/open")).headers


async def test_what_an_endpoint_says_about_caches_stays():
    assert (await ask(Probe().app(), "GET", "/v1/file")).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("known", [ETAG, f"W/{ETAG}", f'"a", {ETAG}', "*"])
async def test_what_the_client_has_is_not_sent_again(known: str, method: str):
    response = await ask(Probe().app(), method, "/v1/file", if_none_match=known)
    assert (response.status_code, response.content) == (304, b"")
    assert (response.headers["etag"], response.headers["cache-control"]) == (ETAG, "private, no-cache")
    assert vary(response) == VARY
    assert "location" not in response.headers


async def test_what_the_client_does_not_have_is_sent():
    app = Probe().app()
    assert (await ask(app, "GET", "/v1/file", if_none_match='"other"')).status_code == 302
    assert (await ask(app, "GET", "/v1/things", if_none_match="*")).status_code == 200


@pytest.mark.parametrize("path", ["/v1/things", "/v1/nothing", "/v1/broken", "/v1/file"])
async def test_a_page_of_an_allowed_origin_reads_every_response(path: str):
    response = await ask(Probe().app(ORIGIN), "GET", path, origin=ORIGIN)
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in response.headers
    exposed = response.headers["access-control-expose-headers"].split(", ")
    assert {"x-request-id", "retry-after", "etag", "location", "openai-poll-after-ms"} <= set(exposed)
    assert vary(response) == VARY | {"origin"}
    assert response.headers["x-request-id"]


async def test_a_page_of_another_origin_reads_none():
    response = await ask(Probe().app(ORIGIN), "GET", "/v1/things", origin="https://evil.example.com")
    assert "access-control-allow-origin" not in response.headers
    assert vary(response) == VARY | {"origin"}


async def test_a_response_without_an_origin_says_that_it_depends_on_it():
    assert vary(await ask(Probe().app(ORIGIN), "GET", "/v1/things")) == VARY | {"origin"}


async def test_a_preflight_needs_no_key():
    app = build_app(lambda: nullcontext(UNUSED), load_kinds(), [ORIGIN])
    response = await ask(app, "OPTIONS", "/v1/videos", **PREFLIGHT)
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert "POST" in response.headers["access-control-allow-methods"]


async def test_a_preflight_of_another_origin_is_refused():
    response = await ask(Probe().app(ORIGIN), "OPTIONS", "/v1/things", **{**PREFLIGHT, "origin": "https://e"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "cors_refused")
    assert response.json()["error"]["request_id"] == response.headers["x-request-id"]
    assert "origin" in vary(response)
    assert "access-control-allow-origin" not in response.headers


async def test_any_origin_is_allowed_without_credentials():
    response = await ask(Probe().app("*"), "GET", "/v1/things", origin="https://any.example.com")
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers


async def test_no_origin_is_allowed_by_default():
    app = Probe().app()
    assert "access-control-allow-origin" not in (await ask(app, "GET", "/v1/things", origin=ORIGIN)).headers
    assert "access-control-allow-origin" not in (await ask(app, "OPTIONS", "/v1/things", **PREFLIGHT)).headers
