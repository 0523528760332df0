"""What the public port shows without a key."""

from contextlib import nullcontext
from typing import Any, cast

import httpx2
import pytest
from fastapi import FastAPI

from services.chassis.errors import BusUnavailable
from services.gateway.app import build_app
from services.gateway.components import Components
from services.gateway.http.docs import PAGE
from services.gateway.http.health import build_checks
from services.gateway.http.protection.exposure import EVERYTHING, Exposure, exposure_by
from services.gateway.settings import GatewaySettings

PRIVATE = Exposure(docs=False, metrics=False, reasons=False)
REQUIRED = {
    "bus_url": "nats://bus",
    "s3_endpoint": "http://store",
    "s3_access_key": "a",
    "s3_secret_key": "b",
    "database_url": "postgresql://database",
    "tts_grpc_target": "tts:1",
    "voice_grpc_target": "voice:1",
    "video_grpc_target": "video:1",
}


class FakeDependencies:
    """A database that does not respond, a bus that says why, and a store that works."""

    def __init__(self) -> None:
        self.pool = self.bus = self.store = self

    def acquire(self) -> Any:
        raise ConnectionRefusedError("10.1.2.3:5432 refuses")

    async def check(self) -> None:
        raise BusUnavailable("nats://10.1.2.4 is away")


def app_with(exposure: Exposure) -> FastAPI:
    app = build_app(lambda: nullcontext(cast(Components, None)), [], exposure=exposure)
    app.state.checks = build_checks(cast(Components, FakeDependencies()))
    return app


async def ask(app: FastAPI, path: str, scheme: str = "http") -> httpx2.Response:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=f"{scheme}://gateway") as http:
        return await http.get(path)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, EVERYTHING),
        ({"docs": False}, Exposure(docs=False)),
        ({"metrics_port": 9090}, Exposure(metrics=False)),
        ({"environment": "production"}, PRIVATE),
        ({"environment": "production", "docs": True}, Exposure(metrics=False, reasons=False)),
        ({"environment": "production", "metrics_port": 9090}, PRIVATE),
    ],
)
def test_production_shows_little_unless_it_is_told_to(given: dict[str, object], expected: Exposure):
    assert exposure_by(GatewaySettings.model_validate(REQUIRED | given)) == expected


PATHS = ("/metrics", "/docs", "/openapi.json", "/static-offline-docs/swagger-ui.css")


async def test_everything_is_shown_where_it_may_be():
    app = app_with(EVERYTHING)
    assert [(await ask(app, path)).status_code for path in PATHS] == [200] * 4
    assert (await ask(app, "/openapi.json")).json()["info"]["title"] == "Likeness"
    assert (await ask(app, "/readyz")).json()["checks"]["bus"] == "nats://10.1.2.4 is away"


async def test_nothing_is_shown_where_it_may_not_be():
    app = app_with(PRIVATE)
    for path in PATHS:
        response = await ask(app, path)
        assert (response.status_code, response.json()["error"]["message"]) == (
            404,
            "There is no such endpoint.",
        )
    ready = await ask(app, "/readyz")
    assert ready.status_code == 503
    assert set(ready.json()["checks"].values()) == {"unavailable"}


async def test_every_answer_has_the_headers_against_misuse():
    app = app_with(EVERYTHING)
    for path in ("/healthz", "/v1/videos", "/nothing", "/metrics"):
        headers = (await ask(app, path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "strict-transport-security" not in headers
    assert "strict-transport-security" in (await ask(app, "/healthz", "https")).headers


async def test_the_page_may_run_its_own_scripts_only():
    response = await ask(app_with(EVERYTHING), "/docs")
    scripts = response.headers["content-security-policy"].split("script-src ")[1].split(";")[0].split()
    assert response.text == PAGE
    assert len(scripts) == 1 + PAGE.count("<script>")
    assert all(each == "'self'" or each.startswith("'sha256-") for each in scripts)
