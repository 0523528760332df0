import asyncio

import httpx2
import pytest

from services.chassis.aio import cancel_and_wait
from services.chassis.observability.health import build_health_server
from services.cli.stack.ports import LOOPBACK, free_loopback_ports


async def test_a_closed_server_frees_its_port_and_ends_idle_connections() -> None:
    (port,) = free_loopback_ports(1)
    server = build_health_server(LOOPBACK, port, {})
    serving = asyncio.create_task(server.serve())
    async with httpx2.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as client:
        async with asyncio.timeout(10):
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0)
        assert (await client.get("/readyz")).json() == {"status": "ok", "problems": {}}

        await cancel_and_wait([serving])
        server.close()

        with pytest.raises(httpx2.TransportError):
            await client.get("/readyz")


def test_a_server_that_has_not_started_can_be_closed() -> None:
    build_health_server(LOOPBACK, 0, {}).close()
