"""Starts the real services as processes."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from grpc import aio

from tests.conftest import StoreServer
from tests.ports import reserve_ports

START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RunningService:
    process: asyncio.subprocess.Process
    grpc_port: int

    def channel(self) -> aio.Channel:
        return aio.insecure_channel(f"127.0.0.1:{self.grpc_port}")


@asynccontextmanager
async def service_process(
    name: str,
    broker_url: str,
    store: StoreServer,
    folder: Path,
    variables: Mapping[str, str] | None = None,
) -> AsyncGenerator[RunningService]:
    """Starts a service and waits until it is ready; `folder` is its own, `variables` are added to its
    environment."""
    http_port, grpc_port = reserve_ports(2)
    environment = {
        "LIKENESS_BUS_URL": broker_url,
        "LIKENESS_S3_ENDPOINT": store.endpoint,
        "LIKENESS_S3_ACCESS_KEY": store.access_key,
        "LIKENESS_S3_SECRET_KEY": store.secret_key,
        "LIKENESS_HTTP_PORT": str(http_port),
        "LIKENESS_GRPC_PORT": str(grpc_port),
        "LIKENESS_SCRATCH_DIR": str(folder),
    }
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"services.{name}",
            env={**os.environ, **environment, **(variables or {})},
            stderr=log,
        )
    try:
        await _until_ready(process, http_port, folder / "log")
        yield RunningService(process, grpc_port)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_ready(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    async with asyncio.timeout(START_SECONDS), httpx2.AsyncClient() as client:
        while process.returncode is None:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise RuntimeError(f"The service ended: see {log}")
