"""Clients that keep a connection without getting on.

The limits are tenths of the usual ones and less, and long enough for the pauses of a machine that is busy.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from services.chassis.http_server import connections
from services.chassis.http_server.limits import ConnectionLimits
from tests.unit.chassis.http_server.server import RawClient, Server, served

pytestmark = pytest.mark.timeout(30)
GET = b"GET /ok HTTP/1.1\r\nHost: gateway\r\n"
POST = b"POST /length HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: gateway\r\n"
LIMITS = ConnectionLimits(
    head_seconds=0.7, idle_seconds=0.7, stall_seconds=0.7, linger_seconds=0.2, leftover_seconds=0.7
)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Server]:
    monkeypatch.setattr(connections, "SWEEP_SECONDS", 0.05)
    async with served(LIMITS) as server:
        yield server


SLOW: Sequence[tuple[bytes, bytes, int]] = (
    (b"GET /ok HT", b"", 408),
    (GET, b"", 408),
    (GET, b"X: a\r\n", 408),
    (GET + b"X: ", b"a", 408),
    (POST, b"", 408),
    (POST + b"a" * 99, b"", 408),
    (POST.replace(b"100", b"100000"), b"a", 408),
    (b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 408),
    (b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;x=", b"a", 408),
    (b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"a", 408),
    (GET + b"\r\n", b"\r\n", 200),
    (GET + b"\r\n", b"", 200),
    (POST.replace(b"/length", b"/unread"), b"", 200),
    (b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n", b"a", 200),
)
"""What a client sends at once, what it sends again and again afterwards, and the status that it gets."""


async def dribble(client: RawClient, byte: bytes) -> None:
    while not client.writer.is_closing():
        client.writer.write(byte)
        await asyncio.sleep(0.05)


async def test_clients_that_do_not_go_on_are_answered_and_closed(server: Server):
    found = await asyncio.gather(*(answer_to_slow(server, sent, dribbled) for sent, dribbled, _ in SLOW))
    assert found == [status for *_, status in SLOW]


async def answer_to_slow(server: Server, sent: bytes, dribbled: bytes) -> int:
    """Returns the status of the only answer, once the connection is closed."""
    client = await server.connect()
    await client.send(sent)
    dribbling = asyncio.create_task(dribble(client, dribbled)) if dribbled else None
    status, *_ = await client.answer()
    assert await client.rest() == b"", sent
    if dribbling is not None:
        dribbling.cancel()
    return status


@pytest.mark.parametrize("first", [b"", b"\r\n"])
async def test_a_client_that_never_begins_is_closed(server: Server, first: bytes):
    client = await server.connect()
    client.writer.write(first)
    assert await client.rest() == b""


@pytest.mark.parametrize("more", [b"\r\n", b"Connection: close\r\n\r\n", b"\r\n" + GET + b"\r\n"])
async def test_a_client_that_does_not_read_is_closed(server: Server, more: bytes):
    client = await server.connect(buffer=4096)
    await client.send(LARGE + more)
    await until_closed(server)
    assert len(await client.rest()) < 30_000_000


async def test_a_client_that_reads_a_stream_too_slowly_is_closed(server: Server):
    client = await server.connect(buffer=4096)
    await client.send(b"GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.wait_for(server.application.ended.wait(), 10)
    assert client.reader is not None


async def test_a_stream_may_be_silent_and_its_client_too(server: Server):
    client = await server.connect()
    await client.send(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
    async with asyncio.timeout(10):
        for _ in range(30):
            await client.reader.readuntil(b"data: 1")
    assert not server.application.ended.is_set()


async def test_a_client_waits_as_long_as_the_application_for_its_body_to_be_asked_for(server: Server):
    patient, stalled = await server.connect(), await server.connect()
    await patient.send(b"POST /late HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    await stalled.send(POST)
    assert (await stalled.answer())[0] == 408
    server.application.reads.set()
    async with asyncio.timeout(10):
        assert await patient.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await patient.send(b"ab")
    status, _, body = await patient.answer()
    assert (status, body) == (200, {"length": 2})


async def until_closed(server: Server) -> None:
    async with asyncio.timeout(10):
        while server.open_connections():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
