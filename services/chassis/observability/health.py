"""HTTP server of a worker for `/healthz`, `/readyz` and `/metrics`, in the worker's event loop."""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.chassis.aio import in_thread
from services.chassis.http_server.limits import ConnectionLimits
from services.chassis.http_server.server import build_config
from services.chassis.observability.checks import Check, RecentCheck

CHECK_SECONDS = 5.0
"""How long a probe waits for one check."""


def build_health_app(checks: Mapping[str, Check]) -> Starlette:
    """Builds the application; `/readyz` is 200 if every check passes, otherwise 503 with the problems."""
    recent = {name: RecentCheck(name, check, limit_seconds=CHECK_SECONDS) for name, check in checks.items()}

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        problems = await find_problems(recent)
        return JSONResponse(
            {"status": "unavailable" if problems else "ok", "problems": problems},
            status_code=503 if problems else 200,
        )

    async def scrape(_request: Request) -> Response:
        return Response(await in_thread(generate_latest), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", scrape)])


async def find_problems(checks: Mapping[str, RecentCheck]) -> dict[str, str]:
    """Runs the checks concurrently and returns the problems by the name of their check."""
    results = await asyncio.gather(*(check.problem() for check in checks.values()))
    return {name: problem for name, problem in zip(checks, results, strict=True) if problem}


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


def build_health_server(
    host: str, port: int, checks: Mapping[str, Check], *, socket: str = ""
) -> EmbeddedServer:
    """Builds the server; its `serve` runs until it is cancelled. `socket` is the path of a unix socket on
    which it listens instead."""
    app = build_health_app(checks)
    return EmbeddedServer(build_config(app, host, port, LIMITS, uds=socket or None, lifespan="off"))
