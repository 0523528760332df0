"""Fixtures of real servers (PostgreSQL, NATS, S3); markers by folder; the order of parallel runs."""

import secrets
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import structlog
from hypothesis import settings
from structlog.dev import ConsoleRenderer, plain_traceback

from services.chassis.settings import WorkerSettings
from services.chassis.storage import ObjectStore
from services.cli.stack.credentials import Credentials
from services.cli.stack.servers.postgres import PostgresServer
from tests.groups import GroupScheduling, Producer, marker_of, slowest_first
from tests.servers import VOLATILE, NatsBroker, build_postgres, build_store_server

# How long an example takes says nothing where several processes share the cores.
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")

# By default a logged exception is rendered with the values of all variables: seconds of a core.
*_before_rendering, _ = structlog.get_config()["processors"]
structlog.configure(processors=[*_before_rendering, ConsoleRenderer(exception_formatter=plain_traceback)])


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(marker_of(item.nodeid))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # a process of pytest-xdist
        items[:] = slowest_first(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    config.option.loadscopereorder = False  # or it would begin with the most tests, not with the slowest
    return GroupScheduling(config, log)


@dataclass(frozen=True, slots=True)
class StoreServer:
    endpoint: str
    access_key: str
    secret_key: str


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsBroker]:
    """Starts one NATS server per module: it refuses queues that overlap with those of another module."""
    broker = NatsBroker(tmp_path_factory.mktemp("nats") / "nats")
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture
async def own_broker(tmp_path: Path) -> AsyncIterator[NatsBroker]:
    """Starts a NATS server for one test, which may stop, kill or wipe it."""
    broker = NatsBroker(tmp_path / "nats")
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture(scope="session")
async def store_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StoreServer]:
    credentials = Credentials()
    server = build_store_server(tmp_path_factory.mktemp("s3") / "s3", credentials)
    await server.start()
    yield StoreServer(server.url, credentials.s3_access_key, credentials.s3_secret_key)
    await server.stop()


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[PostgresServer]:
    """Starts PostgreSQL. Its own account could not reach pytest's folder after a second run as root."""
    with tempfile.TemporaryDirectory(prefix="likeness-test-") as folder:
        server = build_postgres(Path(folder) / "data", VOLATILE)
        await server.start()
        yield server
        await server.stop()


@pytest.fixture
async def postgres_url(postgres: PostgresServer) -> AsyncIterator[str]:
    """Creates an empty database for one test."""
    name = f"test_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    yield postgres.url.replace("/likeness?", f"/{name}?")
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
def worker_settings(broker: NatsBroker, store_server: StoreServer, tmp_path: Path) -> WorkerSettings:
    """Builds the settings of a service that runs inside of the test's process."""
    return WorkerSettings.model_validate(
        {
            "bus_url": broker.url,
            "s3_endpoint": store_server.endpoint,
            "s3_access_key": store_server.access_key,
            "s3_secret_key": store_server.secret_key,
            "scratch_dir": str(tmp_path),
            "engine_writable_folders": str(tmp_path),
        }
    )


@pytest.fixture
async def store(worker_settings: WorkerSettings) -> ObjectStore:
    store = ObjectStore.from_settings(worker_settings)
    await store.ensure_bucket()
    return store
