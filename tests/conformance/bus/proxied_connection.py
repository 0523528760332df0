"""Two connections to one broker, one of them over a wire that can be cut, stopped up and slowed down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.chassis.bus.protocol import Bus
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.proxy import Proxy


@dataclass(frozen=True, slots=True)
class TestConnection:
    """`bus` is connected through `proxy`, `other` is not."""

    proxy: Proxy
    bus: Bus
    other: Bus
    queue: str


@asynccontextmanager
async def connected(harness: Harness) -> AsyncIterator[TestConnection]:
    async with Proxy(harness.broker.url) as proxy:
        bus, other = await harness.connect(proxy.url), await harness.connect()
        yield TestConnection(proxy, bus, other, await harness.queue())
        await asyncio.gather(bus.close(), other.close())
