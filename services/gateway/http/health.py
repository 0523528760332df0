"""`/healthz`, `/readyz` and `/metrics`: probes and metrics, which need no key."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Protocol

import prometheus_client
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.chassis.bus.protocol import Bus
from services.chassis.errors import LikenessError
from services.chassis.storage import ObjectStore
from services.gateway.db.pool import TRANSIENT_ERRORS, Pool
from services.gateway.http.protection.exposure import exposure_of

router = APIRouter(tags=["health"])
metrics_router = APIRouter(tags=["health"])
UNAVAILABLE = "unavailable"
CHECK_SECONDS = 4.0


class Readiness(BaseModel):
    """What the gateway depends on: `ok`, or what is wrong with it; in production only `unavailable`."""

    status: Literal["ok", "unavailable"]
    checks: dict[Literal["database", "bus", "store"], str]


class Checked(Protocol):
    """The part of `Components` that is probed."""

    @property
    def pool(self) -> Pool: ...

    @property
    def bus(self) -> Bus: ...

    @property
    def store(self) -> ObjectStore: ...


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Report that the process lives."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "What does not respond, and why."}},
)
async def readyz(request: Request) -> JSONResponse:
    """Check the database, the bus and the store: 200 if all respond, otherwise 503 with those that do not."""
    components: Checked = request.app.state.components
    exposure = exposure_of(request)
    checks = checks_of(components)
    results = await asyncio.gather(*(outcome(name, check) for name, check in checks.items()))
    ready = all(result == "ok" for result in results)
    shown = [result if exposure.reasons or result == "ok" else UNAVAILABLE for result in results]
    report = dict(zip(checks, shown, strict=True))
    body = {"status": "ok" if ready else UNAVAILABLE, "checks": report}
    return JSONResponse(body, status_code=200 if ready else 503)


@metrics_router.get("/metrics", response_class=Response)
async def metrics() -> Response:
    """Get the metrics in the text format of Prometheus."""
    return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)


def checks_of(components: Checked) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """Returns the check of each thing that the gateway depends on."""
    return {
        "database": lambda: check_database(components),
        "bus": components.bus.check,
        "store": components.store.check,
    }


async def check_database(components: Checked) -> None:
    async with components.pool.acquire() as connection:
        await connection.fetchval("SELECT 1")


async def outcome(name: str, check: Callable[[], Awaitable[None]]) -> str:
    """Returns `ok`, or the reason for which the check failed."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except LikenessError as exc:
        return exc.message
    except TimeoutError:
        return f"The {name} did not answer within {CHECK_SECONDS:g} seconds."
    except TRANSIENT_ERRORS as exc:
        return f"{type(exc).__name__}: {exc}"
    return "ok"
