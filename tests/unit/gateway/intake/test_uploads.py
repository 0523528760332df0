"""Files in requests are read for as long as their client is connected."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import cast

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Message

from services.gateway.components import Components
from services.gateway.intake.uploads import Uploads

COMPONENTS = cast(Components, SimpleNamespace(settings=SimpleNamespace(max_upload_bytes=1)))


async def test_a_file_is_left_when_its_client_leaves():
    reading, ended = asyncio.Event(), asyncio.Event()

    async def receive() -> Message:
        await reading.wait()
        return {"type": "http.disconnect"}

    async def chunks() -> AsyncIterator[bytes]:
        try:
            reading.set()
            await asyncio.Event().wait()
            yield b""
        finally:
            ended.set()

    uploads = Uploads(COMPONENTS, "default", Request({"type": "http"}, receive))
    with pytest.raises(ClientDisconnect):
        async with asyncio.timeout(5):
            await uploads.take_chunks("name", chunks())
    assert ended.is_set()
    assert uploads.taken == []
