"""Fixtures for tests of the gateway: a migrated database, gateways, and fake workers."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from services.chassis.bus.nats.bus import NatsBus
from services.cli.stack.servers.postgres import PostgresServer
from services.gateway.accounts import repository as accounts
from services.gateway.db.migrate import migrate
from services.gateway.db.pool import Pool, connect_database
from services.gateway.settings import GatewaySettings
from tests.conftest import StoreServer
from tests.integration.gateway.fake_workers import FakeWorkers
from tests.integration.gateway.gateway import API_KEY, Gateway, run_gateway
from tests.integration.gateway.writer_harness import ManualClock, WriterHarness
from tests.servers import NatsBroker
from tests.unit.gateway.jobs.job_examples import NOW

BuildSettings = Callable[..., GatewaySettings]


def url_of(server: PostgresServer, name: str) -> str:
    return server.url.replace("/likeness?", f"/{name}?")


@pytest.fixture(scope="session")
async def migrated(postgres: PostgresServer) -> AsyncIterator[str]:
    """Yields the name of a migrated database that others are copied from."""
    name = f"template_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    # In a thread: Alembic's environment runs an event loop of its own.
    await asyncio.to_thread(migrate, url_of(postgres, name))
    yield name
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@asynccontextmanager
async def copied_database(postgres: PostgresServer, migrated: str) -> AsyncGenerator[str]:
    """Yields the URL of a database with empty tables."""
    name = f"gateway_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
    yield url_of(postgres, name)
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
async def database_url(postgres: PostgresServer, migrated: str) -> AsyncIterator[str]:
    """Yields the URL of a database that no other test uses."""
    async with copied_database(postgres, migrated) as url:
        yield url


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Yields connections to a database with the workspaces `default` and `other`."""
    async with await connect_database(database_url, connections=5) as pool:
        async with pool.acquire() as connection:
            for workspace in ("default", "other"):
                await accounts.ensure_key(connection, workspace, workspace, f"key of {workspace}")
        yield pool


@pytest.fixture
async def harness(pool: Pool) -> WriterHarness:
    return WriterHarness.open(pool, ManualClock(NOW))


def settings_of(
    broker: NatsBroker, store_server: StoreServer, database_url: str, **changes: object
) -> GatewaySettings:
    """Returns settings with short retries. TTS, voice and video services cannot be reached over gRPC."""
    values = {
        "bus_url": broker.url,
        "lease_seconds": 2,
        "s3_endpoint": store_server.endpoint,
        "s3_access_key": store_server.access_key,
        "s3_secret_key": store_server.secret_key,
        "database_url": database_url,
        "database_connections": 5,
        "tts_grpc_target": "127.0.0.1:9",
        "voice_grpc_target": "127.0.0.1:9",
        "video_grpc_target": "127.0.0.1:9",
        "bootstrap_api_key": API_KEY,
        "retry_pace": 0.1,
        "queue_seconds": 1,
        "reconcile_interval_seconds": 0.1,
    }
    return GatewaySettings.model_validate({**values, **changes})


@pytest.fixture
def build_settings(database_url: str, store_server: StoreServer) -> BuildSettings:
    def build(broker: NatsBroker, **changes: object) -> GatewaySettings:
        return settings_of(broker, store_server, database_url, **changes)

    return build


@pytest.fixture
async def gateway(build_settings: BuildSettings, broker: NatsBroker) -> AsyncIterator[Gateway]:
    async with run_gateway(build_settings(broker)) as gateway:
        yield gateway


@pytest.fixture(scope="module")
async def bus(broker: NatsBroker) -> AsyncIterator[NatsBus]:
    """Yields the bus connection of the test and its fake workers."""
    bus = await NatsBus.connect(broker.url, name="test", lease_seconds=2)
    yield bus
    await bus.close()


@pytest.fixture
async def workers(gateway: Gateway, bus: NatsBus) -> AsyncIterator[FakeWorkers]:
    """Yields running workers that the gateway has registered."""
    async with FakeWorkers(bus, gateway.components.store).working() as workers:
        await gateway.register(workers)
        yield workers


@pytest.fixture(scope="module")
async def shared_gateway(
    postgres: PostgresServer, migrated: str, broker: NatsBroker, store_server: StoreServer, bus: NatsBus
) -> AsyncIterator[Gateway]:
    """Yields a gateway for tests that change nothing that other tests see.

    It has registered every engine, but no worker runs.
    """
    async with (
        copied_database(postgres, migrated) as url,
        run_gateway(settings_of(broker, store_server, url)) as gateway,
    ):
        await gateway.register(FakeWorkers(bus, gateway.components.store))
        yield gateway
