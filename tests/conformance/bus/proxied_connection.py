"""Two connections to one broker, one of them through a proxy that can cut, freeze and slow it down."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.chassis.bus.protocol import Bus
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.proxy import Proxy


@dataclass(frozen=True, slots=True)
class ProxiedConnection:
    """A `bus` that is connected through `proxy`, and an `other` that is not, with a queue."""

    proxy: Proxy
    bus: Bus
    other: Bus
    queue: str


@asynccontextmanager
async def connected(harness: Harness) -> AsyncGenerator[ProxiedConnection]:
    async with Proxy(harness.broker.url) as proxy:
        bus, other = await harness.connect(proxy.url), await harness.connect()
        yield ProxiedConnection(proxy, bus, other, await harness.queue())
        await asyncio.gather(bus.close(), other.close())
