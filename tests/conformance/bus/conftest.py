"""Every test runs once for each adapter, all tests of one on the same broker."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from services.chassis.bus.protocol import Bus
from services.chassis.bus.subjects import STATUS
from tests.conformance.bus.harness import BROKERS, Harness
from tests.conformance.bus.proxy import Proxy

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


@pytest.fixture
async def connect(harness: Harness) -> AsyncIterator[Connect]:
    """Connections of their own, as different processes would have."""
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
async def queue(harness: Harness) -> str:
    return await harness.queue()


@pytest.fixture
def status_subject() -> str:
    return f"{STATUS}.{secrets.token_hex(4)}"


@pytest.fixture
async def proxy(harness: Harness) -> AsyncIterator[Proxy]:
    async with Proxy(harness.broker.url) as proxy:
        yield proxy


@pytest.fixture
async def line(harness: Harness, proxy: Proxy) -> AsyncIterator[Bus]:
    """A bus whose connection goes through the proxy."""
    bus = await harness.connect(proxy.url)
    yield bus
    await bus.close()
