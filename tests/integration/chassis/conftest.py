"""Fixtures: workers of the scripted engine as processes of their own, and one RabbitMQ."""

import asyncio
import json
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.chassis.bus.nats.bus import NatsBus
from services.chassis.settings import ServiceSettings
from services.chassis.storage import ObjectStore
from tests.conftest import StoreServer
from tests.integration.chassis.fake_gateway import FakeGateway
from tests.ports import reserve_ports
from tests.servers import NatsBroker, RabbitmqBroker

LEASE_SECONDS = 1.0
CONSUMER_TIMEOUT_SECONDS = 6.0
"""RabbitMQ's `consumer_timeout`: longer than any delivery is open in tests about other subjects."""


@dataclass(frozen=True, slots=True)
class RunningWorker:
    """A worker process with its files and ports."""

    process: asyncio.subprocess.Process
    folder: Path
    http_port: int
    grpc_port: int

    def stage_files(self) -> list[Path]:
        """Returns the files that stages have left; the worker has one folder of its own."""
        return list((self.folder / "scratch").glob("*/stage-*"))

    def spans(self) -> list[dict[str, Any]]:
        return _json_lines(self.folder / "trace.jsonl")

    def logs(self) -> list[dict[str, Any]]:
        return _json_lines(self.folder / "worker.log")


@asynccontextmanager
async def worker_process(
    service: str, broker_url: str, store: StoreServer, folder: Path, **settings: str
) -> AsyncGenerator[RunningWorker]:
    """Runs a worker of `service` with these settings."""
    (folder / "scratch").mkdir(parents=True)
    http_port, grpc_port = reserve_ports(2)
    environment = {
        "bus_url": broker_url,
        "s3_endpoint": store.endpoint,
        "s3_access_key": store.access_key,
        "s3_secret_key": store.secret_key,
        "http_port": str(http_port),
        "grpc_port": str(grpc_port),
        "lease_seconds": str(LEASE_SECONDS),
        "scratch_dir": str(folder / "scratch"),
        "engine_writable_folders": tempfile.gettempdir(),
        "trace_file": str(folder / "trace.jsonl"),
        "engines": "scripted",
        **settings,
    }
    with (folder / "worker.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.integration.chassis.scripted_service",
            service,
            env={**os.environ, **{f"LIKENESS_{name.upper()}": value for name, value in environment.items()}},
            stderr=log,
        )
    try:
        yield RunningWorker(process, folder, http_port, grpc_port)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture(scope="module")
def service() -> str:
    return f"test{secrets.token_hex(4)}"


@pytest.fixture(scope="module")
async def bucket(store_server: StoreServer) -> ObjectStore:
    settings = ServiceSettings.model_validate(
        {
            "bus_url": "nats://unused",
            "s3_endpoint": store_server.endpoint,
            "s3_access_key": store_server.access_key,
            "s3_secret_key": store_server.secret_key,
        }
    )
    store = ObjectStore.from_settings(settings)
    await store.ensure_bucket()
    return store


@pytest.fixture(scope="package")
async def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RabbitmqBroker]:
    folder = tmp_path_factory.mktemp("rabbitmq") / "rabbitmq"
    broker = RabbitmqBroker(folder, consumer_timeout_seconds=CONSUMER_TIMEOUT_SECONDS)
    try:
        await broker.start()
        yield broker
    finally:
        await broker.stop()


@asynccontextmanager
async def fake_gateway_at(broker: NatsBroker, service: str) -> AsyncGenerator[FakeGateway]:
    """Connects a fake gateway to a broker."""
    bus = await NatsBus.connect(broker.url, name="gateway", lease_seconds=LEASE_SECONDS)
    try:
        async with FakeGateway(bus, service).listening() as gateway:
            yield gateway
    finally:
        await bus.close()


@pytest.fixture(scope="module")
async def gateway(broker: NatsBroker, service: str) -> AsyncIterator[FakeGateway]:
    async with fake_gateway_at(broker, service) as gateway:
        yield gateway


@pytest.fixture(scope="module")
async def worker(
    broker: NatsBroker,
    store_server: StoreServer,
    bucket: ObjectStore,
    service: str,
    gateway: FakeGateway,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[RunningWorker]:
    """A worker for the tests that leave it running."""
    folder = tmp_path_factory.mktemp("worker")
    async with worker_process(service, broker.url, store_server, folder) as worker:
        await gateway.wait_for_announcement()
        yield worker


StartWorker = Callable[..., Awaitable[RunningWorker]]


@pytest.fixture
async def start_worker(
    broker: NatsBroker, store_server: StoreServer, bucket: ObjectStore, tmp_path: Path
) -> AsyncIterator[StartWorker]:
    """Starts workers for tests that end them; each needs a service of its own."""
    async with AsyncExitStack() as stack:
        number = iter(range(100))

        async def start(service: str, *, broker_url: str = "", **settings: str) -> RunningWorker:
            folder = tmp_path / f"worker{next(number)}"
            context = worker_process(service, broker_url or broker.url, store_server, folder, **settings)
            return await stack.enter_async_context(context)

        yield start


def _json_lines(path: Path) -> list[dict[str, Any]]:
    """Returns the complete lines of a file; the last one may be half written."""
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]
