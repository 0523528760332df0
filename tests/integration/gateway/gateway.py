"""A gateway in the test's own process, and a client of its API."""

import asyncio
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import httpx2
import uvicorn
from PIL import Image

from services.gateway.app import build_app
from services.gateway.components import Components
from services.gateway.kinds import load_kinds
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import running
from tests.integration.gateway.fake_workers import FakeWorkers
from tests.integration.gateway.waiting import eventually

API_KEY = "lk_test_key_of_the_default_workspace"
TERMINAL = ("completed", "failed", "cancelled")


@dataclass(frozen=True)
class Gateway:
    """A running gateway with an HTTP client of its API."""

    components: Components
    http: httpx2.AsyncClient

    async def register(self, workers: FakeWorkers) -> None:
        """Lets the workers announce themselves until this gateway has stored all of them."""

        async def known() -> bool:
            await workers.announce()
            count = await self.components.pool.fetchval(
                "SELECT count(*) FROM workers WHERE id = ANY($1)",
                [worker.worker_id for worker in workers.workers.values()],
            )
            return count == len(workers.workers)

        await eventually(known)

    async def upload(self, data: bytes, name: str = "portrait.png") -> str:
        response = await self.http.post("/v1/assets", files={"file": (name, data)})
        assert response.status_code == 201, response.text
        return response.json()["id"]

    async def create(self, **request: Any) -> dict[str, Any]:
        if not request.keys() & {"image", "avatar", "input_reference"}:
            request["image"] = await self.upload(picture())
        response = await self.http.post("/v1/videos", json=request)
        assert response.status_code == 200, response.text
        return response.json()

    async def get(self, job_id: str) -> dict[str, Any]:
        return (await self.http.get(f"/v1/videos/{job_id}")).raise_for_status().json()

    async def events(self, job_id: str, after: int = 0) -> AsyncIterator[tuple[int, dict[str, Any]]]:
        """Yields ids and data of the video's events, until the stream ends."""
        headers = {"Last-Event-ID": str(after)} if after else {}
        async with self.http.stream("GET", f"/v1/videos/{job_id}/events", headers=headers) as response:
            assert response.status_code == 200
            data: dict[str, Any] = {}
            async for line in response.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "data":
                    data = json.loads(value)
                elif field == "id":
                    yield int(value), data

    async def ended(self, job_id: str) -> dict[str, Any]:
        """Returns the video once its stream of events has ended."""
        async for _ in self.events(job_id):
            pass
        video = await self.get(job_id)
        assert video["status"] in TERMINAL
        return video

    async def in_state(self, job_id: str, service: str, state: str) -> dict[str, Any]:
        """Returns the stage of the service once it is in the state."""

        async def look() -> dict[str, Any] | None:
            found = stage(await self.get(job_id), service)
            return found if found["state"] == state else None

        found = await eventually(look)
        assert found is not None
        return found


def stage(video: dict[str, Any], service: str) -> dict[str, Any]:
    return next(each for each in video["stages"] if each["service"] == service)


def picture(width: int = 160, height: int = 200, colour: str = "olive") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


@asynccontextmanager
async def run_gateway(settings: GatewaySettings) -> AsyncGenerator[Gateway]:
    """Runs a gateway and yields it. Fails the test if a background task of it has broken."""
    headers = {"Authorization": f"Bearer {API_KEY}"}
    broken = asyncio.Event()
    async with (
        running(settings, load_kinds(), broken.set) as components,
        served(components) as url,
        # It meets no TLS, and would read the authorities of the machine.
        httpx2.AsyncClient(base_url=url, headers=headers, timeout=20, verify=False) as http,
    ):
        yield Gateway(components, http)
    assert not broken.is_set()


class QuietServer(uvicorn.Server):
    """A server that installs no signal handlers."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leaves the signals to pytest."""
        yield


@asynccontextmanager
async def served(components: Components) -> AsyncGenerator[str]:
    """Serves the API on a free loopback port. Yields its base URL."""
    app = build_app(lambda: nullcontext(components), load_kinds(), components.settings.allowed_origins)
    server = QuietServer(
        uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: has_started(server))
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


async def has_started(server: uvicorn.Server) -> bool:
    return server.started
