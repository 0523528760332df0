"""Clients that send what they should not, against a server on loopback."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

import pytest

from services.chassis.http_server.limits import ConnectionLimits
from tests.unit.chassis.http_server.server import Server, served

pytestmark = pytest.mark.timeout(30)
GET = b"GET /ok HTTP/1.1\r\nHost: gateway\r\n"
POST = b"POST /length HTTP/1.1\r\nHost: gateway\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
async def server() -> AsyncGenerator[Server]:
    async with served(ConnectionLimits(leftover_seconds=0.2, linger_seconds=0.2)) as server:
        yield server


def endless(piece: bytes, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield piece


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (GET + b"X: " + b"a" * 40_000 + b"\r\n\r\n", 431, "headers_too_large"),
        (GET + b"X: a\r\n" * 101 + b"\r\n", 431, "headers_too_large"),
        (GET + b"X: " + b"a" * 2_000_000, 431, "headers_too_large"),
        (GET + b"a" * 2_000_000, 431, "headers_too_large"),
        (b"\r\n" * 400_000, 431, "headers_too_large"),
        (b"GET /ok?" + b"a" * 17_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "url_too_long"),
        (b"GET /" + b"a" * 2_000_000, 414, "url_too_long"),
        (b"GET /ok HTTP/1.1\r\n\r\n", 400, "http_invalid"),
        (GET + b"Host: other\r\n\r\n", 400, "http_invalid"),
        (b"GET /ok HTTP/1.1\r\nHost: [\r\n\r\n", 400, "http_invalid"),
        (b"GET /ok HTTP/1.1\r\nHost: a/v1?\r\n\r\n", 400, "http_invalid"),
        (b"GET /ok HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, "http_invalid"),
        (GET + b"X: a\0b\r\n\r\n", 400, "http_invalid"),
        (GET + b"X : a\r\n\r\n", 400, "http_invalid"),
        (GET + b"X: a\r\n b\r\nC\r\n\r\n", 400, "http_invalid"),
        (b"FETCH /ok HTTP/1.1\r\nHost: a\r\n\r\n", 400, "http_invalid"),
        (b"GET /ok HTTP/3.0\r\nHost: a\r\n\r\n", 400, "http_invalid"),
        (b"GET \xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n", 400, "http_invalid"),
        (b"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", 400, "http_invalid"),
        (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "http_invalid"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "http_invalid"),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400, "http_invalid"),
        (POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400, "http_invalid"),
        (POST + b"Content-Length: 3, 4\r\n\r\nabcd", 400, "http_invalid"),
        (POST + b"Content-Length: -1\r\n\r\n", 400, "http_invalid"),
        (POST + b"Content-Length: 99999999999999999999999\r\n\r\n", 400, "http_invalid"),
        (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "http_invalid"),
        (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400, "http_invalid"),
        (POST + b"Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nab", 400, "http_invalid"),
        (CHUNKED + b"zz\r\n", 400, "http_invalid"),
        (CHUNKED + b"-1\r\n", 400, "http_invalid"),
        (CHUNKED + b"fffffffffffffffff\r\n", 400, "http_invalid"),
        (CHUNKED + b"1;" + b"x" * 2_000_000, 400, "http_invalid"),
        (CHUNKED + b"0\r\nX: " + b"x" * 2_000_000, 400, "http_invalid"),
        (CHUNKED + b"0\r\n" + b"X: a\r\n" * 200, 431, "headers_too_large"),
    ],
)
async def test_what_is_no_request_is_refused_and_the_connection_closed(
    server: Server, sent: bytes, status: int, code: str
):
    client = await server.connect()
    client.writer.write(sent)
    answered, headers, body = await client.answer()
    assert (answered, body["error"]["code"]) == (status, code)
    assert headers["connection"] == "close"
    assert await client.rest() == b""
    assert await is_usable(server)


async def is_usable(server: Server) -> bool:
    client = await server.connect()
    await client.send(GET + b"\r\n")
    return (await client.answer())[0] == 200


@pytest.mark.parametrize(
    ("sent", "status", "body"),
    [
        (b"GET /ok HTTP/1.0\r\n\r\n", 200, {"status": "ok"}),
        (b"GET http://elsewhere/ok HTTP/1.1\r\nHost: a\r\n\r\n", 200, {"status": "ok"}),
        (b"\r\n" + GET + b"\r\n", 200, {"status": "ok"}),
        (GET + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 200, {"status": "ok"}),
        (GET + b"Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 200, {"status": "ok"}),
        (b"GET /ok HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", 200, {"status": "ok"}),
        (b"GET /ok HTTP/1.1\r\nHost: a_b.example:1\r\n\r\n", 200, {"status": "ok"}),
        (CHUNKED + b"2;name=value\r\nab\r\n0\r\n\r\n", 200, {"length": 2}),
        (CHUNKED + b"1\r\na\r\n" * 5_000 + b"0\r\n\r\n", 200, {"length": 5_000}),
        (POST + b"Content-Length: 3000000\r\n\r\n" + b"a" * 3_000_000, 200, {"length": 3_000_000}),
    ],
)
async def test_what_is_a_request_is_answered(server: Server, sent: bytes, status: int, body: object):
    client = await server.connect()
    client.writer.write(sent)
    answered, headers, found = await client.answer()
    assert (answered, found) == (status, body)
    assert "server" not in headers


async def test_trailers_do_not_become_headers(server: Server):
    client = await server.connect()
    head = b"GET /headers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    await client.send(head + b"0\r\nX-Late: a\r\n\r\n")
    assert (await client.answer())[2] == ["host", "transfer-encoding"]


async def test_headers_without_end_stop_being_read(server: Server):
    client = await server.connect()
    await client.send(GET)
    sent = 0
    with pytest.raises(ConnectionError):
        for piece in endless(b"X: " + b"a" * 60_000 + b"\r\n", 2_000):
            await client.send(piece)
            sent += len(piece)
    assert sent < 20_000_000


async def test_a_client_that_asks_first_is_told_to_go_on(server: Server):
    client = await server.connect()
    await client.send(POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert await client.reader.readexactly(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    await client.send(b"ab")
    assert (await client.answer())[2] == {"length": 2}


async def test_requests_in_one_packet_are_answered_in_order(server: Server):
    client = await server.connect()
    await client.send((GET + b"\r\n") * 10 + POST + b"Content-Length: 2\r\n\r\nab")
    for _ in range(10):
        assert (await client.answer())[2] == {"status": "ok"}
    assert (await client.answer())[2] == {"length": 2}


async def test_a_long_pipeline_is_answered_in_part_and_closed(server: Server):
    client = await server.connect()
    await client.send((GET + b"\r\n") * 5_000)
    answered = (await client.rest()).count(b"HTTP/1.1 200")
    assert 1 <= answered < 100
    assert await is_usable(server)


async def test_a_broken_request_does_not_cut_into_the_response_before_it(server: Server):
    client = await server.connect()
    await client.send(GET + b"\r\nBROKEN\r\n\r\n")
    assert (await client.answer())[2] == {"status": "ok"}
    assert await client.rest() == b""


async def test_the_body_of_an_answered_request_is_dropped_for_a_while(server: Server):
    client = await server.connect()
    await client.send(b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n" + b"a" * 100_000)
    assert (await client.answer())[0] == 200
    assert await client.rest() == b""


async def test_the_connection_goes_on_after_a_body_that_nobody_read(server: Server):
    client = await server.connect()
    await client.send(b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + b"a" * 100_000)
    assert (await client.answer())[0] == 200
    await client.send(b"a" * 800_000 + GET + b"\r\n")
    assert (await client.answer())[0] == 200


async def test_a_stream_ends_with_its_connection_also_if_another_request_waits_behind_it(server: Server):
    client = await server.connect()
    await client.send(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n" + GET + b"\r\n")
    await client.reader.readuntil(b"data: 1")
    client.close()
    await asyncio.wait_for(server.application.ended.wait(), 10)
