import asyncio

import pytest

from services.cli.stack.ports import LOOPBACK, free_loopback_ports
from services.gateway.wiring import until_listening


async def test_the_gateway_goes_on_once_the_store_listens() -> None:
    (port,) = free_loopback_ports(1)
    waiting = asyncio.create_task(until_listening(f"http://{LOOPBACK}:{port}"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.2)
    connected = asyncio.Event()

    async with await asyncio.start_server(lambda _reader, _writer: connected.set(), LOOPBACK, port):
        await asyncio.wait_for(waiting, 10)

        await asyncio.wait_for(connected.wait(), 10)
