"""Fixtures of the bus suite: every test runs once for each adapter, all tests of one on the same broker."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from services.chassis.aio import cancel_and_wait
from services.chassis.bus.protocol import Bus
from services.chassis.bus.subjects import STATUS
from tests.conformance.bus.harness import BROKERS, Harness
from tests.conformance.bus.leases import LEASES
from tests.conformance.bus.proxied_connection import ProxiedConnection, connected
from tests.observing import Observed, observe

Connect = Callable[[], Awaitable[Bus]]


@pytest.fixture(scope="package", params=sorted(BROKERS))
async def harness(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Harness]:
    harness = Harness(request.param, BROKERS[request.param](tmp_path_factory.mktemp("bus") / request.param))
    try:
        await harness.broker.start()
        yield harness
    finally:
        await harness.broker.stop()


@pytest.fixture(scope="package")
async def leases(harness: Harness) -> AsyncIterator["asyncio.Task[Observed]"]:
    """Observes the leases in the background, once no test stops the broker any more.

    A slow handler takes its time.
    """
    observing = asyncio.create_task(observe({name: each(harness) for name, each in LEASES.items()}))
    yield observing
    await cancel_and_wait([observing])


@pytest.fixture
async def connect(harness: Harness) -> AsyncIterator[Connect]:
    """Connects buses of their own, as different processes would."""
    async with AsyncExitStack() as stack:

        async def connect() -> Bus:
            bus = await harness.connect()
            stack.push_async_callback(bus.close)
            return bus

        yield connect


@pytest.fixture
async def bus(connect: Connect) -> Bus:
    return await connect()


@pytest.fixture
async def connection(harness: Harness) -> AsyncIterator[ProxiedConnection]:
    async with connected(harness) as connection:
        yield connection


@pytest.fixture
async def queue(harness: Harness) -> str:
    return await harness.queue()


@pytest.fixture
def status_subject() -> str:
    return f"{STATUS}.{secrets.token_hex(4)}"
