"""Work ends when its client leaves."""

import asyncio

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Message

from services.gateway.http.disconnect import while_connected


class Client:
    """A client that is there until `left` is set."""

    def __init__(self) -> None:
        self.left = asyncio.Event()

    def request(self) -> Request:
        return Request({"type": "http", "headers": []}, self.receive)

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}


class Work:
    """Work that waits for `done`, and notes that it was cancelled."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.done = asyncio.Event()
        self.cancelled = False

    async def run(self) -> str:
        self.begun.set()
        try:
            await self.done.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return "done"


async def test_the_result_comes_back():
    work = Work()
    work.done.set()
    assert await while_connected(Client().request(), work.run()) == "done"


async def test_an_error_comes_back():
    async def fail() -> None:
        raise KeyError("of the work")

    with pytest.raises(KeyError):
        await while_connected(Client().request(), fail())


async def test_the_work_is_cancelled_when_the_client_leaves():
    client, work = Client(), Work()
    waiting = asyncio.ensure_future(while_connected(client.request(), work.run()))
    await work.begun.wait()
    client.left.set()
    with pytest.raises(ClientDisconnect):
        await waiting
    assert work.cancelled


async def test_the_work_is_cancelled_with_the_caller():
    work = Work()
    waiting = asyncio.ensure_future(while_connected(Client().request(), work.run()))
    await work.begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.cancelled
