"""HTTP server of a worker for `/healthz`, `/readyz` and `/metrics`, in the worker's event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.chassis.errors import LikenessError
from services.chassis.http_server.limits import ConnectionLimits
from services.chassis.http_server.server import build_config

log = structlog.get_logger()

Check = Callable[[], Awaitable[None]]
CHECK_SECONDS = 5.0
"""Time limit of one check."""


def build_health_app(checks: Mapping[str, Check]) -> Starlette:
    """Builds the application; `/readyz` is 200 if every check passes, otherwise 503 with the problems."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        problems = await find_problems(checks)
        return JSONResponse(
            {"status": "unavailable" if problems else "ok", "problems": problems},
            status_code=503 if problems else 200,
        )

    async def scrape(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", scrape)])


async def find_problems(checks: Mapping[str, Check]) -> dict[str, str]:
    """Runs the checks concurrently and returns the problems by the name of their check."""
    results = await asyncio.gather(*(_problem_of(check) for check in checks.values()))
    return {name: problem for name, problem in zip(checks, results, strict=True) if problem}


async def _problem_of(check: Check) -> str:
    """Returns why the check fails, empty if it passes."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except LikenessError as error:
        return error.message
    except TimeoutError:
        return "It did not answer in time."
    except Exception as error:
        log.exception("health.check_failed")
        return f"The check failed with {type(error).__name__}: see the log of the service."
    return ""


LIMITS = ConnectionLimits(connections=100, connections_per_address=50)
"""Probes and scrapes are few."""


class EmbeddedServer(uvicorn.Server):
    """A uvicorn server that leaves signals to the service that it is a part of.

    It ends by cancelling `serve` and calling `close`: its own way takes two tenths of a second.
    """

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    def close(self) -> None:
        """Stops listening and closes the connections; a response that is under way is still sent."""
        if not self.started:
            return
        for server in self.servers:
            server.close()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()


def build_health_server(host: str, port: int, checks: Mapping[str, Check]) -> EmbeddedServer:
    """Builds the server; its `serve` runs until it is cancelled."""
    return EmbeddedServer(build_config(build_health_app(checks), host, port, LIMITS, lifespan="off"))
