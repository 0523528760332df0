"""`/healthz`, `/readyz` and `/metrics`: probes and metrics, which need no key."""

import asyncio
from collections.abc import Mapping
from typing import Literal, Protocol

import asyncpg
import prometheus_client
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.chassis.aio import in_thread
from services.chassis.bus.protocol import Bus
from services.chassis.errors import LikenessError
from services.chassis.observability.checks import Check, RecentCheck
from services.chassis.observability.health import find_problems
from services.chassis.storage import ObjectStore
from services.gateway.db.pool import TRANSIENT_ERRORS, Pool
from services.gateway.http.protection.exposure import exposure_of

router = APIRouter(tags=["health"])
metrics_router = APIRouter(tags=["health"])
UNAVAILABLE = "unavailable"
CHECK_SECONDS = 4.0
DATABASE_SECONDS = 3.0
SPILLING_ROWS = 16_384
"""Rows that take a few hundred kilobytes: more than `work_mem` keeps in memory."""
CHECK_WRITES = """
SELECT pg_logical_emit_message(true, 'likeness.health', ''),
    (SELECT count(*) FROM (SELECT row FROM generate_series(1, $1) AS row OFFSET 0) AS rows),
    current_setting('transaction_read_only')
"""
"""Writes to the log, which the commit makes durable, and a temporary file, which takes new blocks of the
disk. A row that is changed in place still finds space in a block of its table when no new row does."""


class Readiness(BaseModel):
    """States of the gateway's dependencies: `ok`, or what is wrong; in production only `unavailable`."""

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


def checks_of(components: Checked) -> Mapping[str, Check]:
    """Returns the check of each thing that the gateway depends on: it writes, and reads back."""
    return {
        "database": lambda: check_database(components.pool),
        "bus": components.bus.check,
        "store": components.store.check,
    }


def build_checks(components: Checked) -> Mapping[str, RecentCheck]:
    """Returns the checks as `/readyz` runs them."""
    checks = checks_of(components)
    return {name: RecentCheck(name, check, limit_seconds=CHECK_SECONDS) for name, check in checks.items()}


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Report that the process lives."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "What takes no writes, and why."}},
)
async def readyz(request: Request) -> JSONResponse:
    """Write to the database, the bus and the store: 200 if all take it, otherwise 503 with those that do not.

    A result holds for a second.
    """
    checks: Mapping[str, RecentCheck] = request.app.state.checks
    exposure = exposure_of(request)
    problems = await find_problems(checks)
    shown = problems if exposure.reasons else dict.fromkeys(problems, UNAVAILABLE)
    body = {"status": UNAVAILABLE if problems else "ok", "checks": dict.fromkeys(checks, "ok") | shown}
    return JSONResponse(body, status_code=503 if problems else 200)


@metrics_router.get("/metrics", response_class=Response)
async def metrics() -> Response:
    """Get the metrics in the text format of Prometheus."""
    text = await in_thread(prometheus_client.generate_latest)
    return Response(text, media_type=prometheus_client.CONTENT_TYPE_LATEST)


async def check_database(pool: Pool) -> None:
    """Raises `LikenessError` unless PostgreSQL takes writes, `TimeoutError` if it does not answer in time."""
    try:
        async with (
            asyncio.timeout(DATABASE_SECONDS),
            pool.acquire() as connection,
            connection.transaction(),
        ):
            await connection.execute("SET LOCAL work_mem = '64kB'")
            row = await connection.fetchrow(CHECK_WRITES, SPILLING_ROWS)
    except TimeoutError:
        raise
    except (asyncpg.PostgresError, *TRANSIENT_ERRORS) as error:
        raise LikenessError(f"The database takes no writes: {type(error).__name__}: {error}") from error
    if row is None or row["current_setting"] != "off":
        raise LikenessError("The database takes no writes: it is read-only.")
