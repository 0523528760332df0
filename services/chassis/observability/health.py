"""`/healthz`, `/readyz` and `/metrics` of a worker, in its own event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.chassis.errors import LikenessError

Check = Callable[[], Awaitable[None]]
CHECK_SECONDS = 5.0


def build_health_app(checks: Mapping[str, Check]) -> Starlette:
    """`/readyz` is 200 if every check passes; otherwise 503, naming those that do not."""

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
    """What is wrong, by the name of the check; they run at the same time."""
    results = await asyncio.gather(*(_problem_of(check) for check in checks.values()))
    return {name: problem for name, problem in zip(checks, results, strict=True) if problem}


async def _problem_of(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except LikenessError as error:
        return error.message
    except TimeoutError:
        return "It did not answer in time."
    return ""


class EmbeddedServer(uvicorn.Server):
    """Leaves the signals to the service that it is a part of."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def build_health_server(host: str, port: int, checks: Mapping[str, Check]) -> EmbeddedServer:
    config = uvicorn.Config(
        build_health_app(checks), host=host, port=port, log_config=None, access_log=False, lifespan="off"
    )
    return EmbeddedServer(config)
