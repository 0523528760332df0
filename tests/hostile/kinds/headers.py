"""Requests that are too large, or none, before anybody knows who sends them."""

import functools
from collections.abc import Iterable, Iterator
from itertools import repeat

from tests.hostile.attack import Attack, Target
from tests.hostile.raw_http import connect, statuses_of

KIND = "headers"
GET = b"GET /healthz HTTP/1.1\r\nHost: gateway\r\n"
POST = b"POST /v1/videos HTTP/1.1\r\nHost: gateway\r\n"
CHUNKED = POST + b"Authorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n"
MANY = 64
"""MiB that an attacker tries to send."""
LINE = b"X-Line: " + b"a" * 1_000 + b"\r\n"
MEBIBYTE = b"a" * (1 << 20)


def endless(first: bytes, piece: bytes) -> Iterator[bytes]:
    yield first
    yield from repeat(piece, (MANY << 20) // len(piece))


FLOODS: dict[str, tuple[Iterable[bytes], int]] = {
    "header lines": (endless(GET, LINE * 64), 431),
    "one header's value": (endless(GET + b"X: ", MEBIBYTE), 431),
    "one header's name": (endless(GET, MEBIBYTE), 431),
    "headers without a value": (endless(GET, b"X:\r\n" * 4_000), 431),
    "headers of one letter": (endless(GET, b"a: b\r\n" * 4_000), 431),
    "authorization": (endless(GET + b"Authorization: Bearer ", MEBIBYTE), 431),
    "cookies": (endless(GET, b"Cookie: " + b"a=b; " * 200 + b"\r\n"), 431),
    "query": (endless(b"GET /healthz?", MEBIBYTE), 414),
    "path": (endless(b"GET /", MEBIBYTE), 414),
    "absolute address": (endless(b"GET http://", MEBIBYTE), 400),
    "method": (endless(b"G", MEBIBYTE), 400),
    "empty lines": (repeat(b"\r\n" * 100_000, 100), 431),
    "zeros": (repeat(b"\0" * 100_000, 100), 400),
    "chunk extension": (endless(CHUNKED + b"1;x=", MEBIBYTE), 400),
    "chunk extensions": (endless(CHUNKED, b"1;" + b"x" * 1_000 + b"\r\na\r\n"), 400),
    "trailer": (endless(CHUNKED + b"0\r\nX: ", MEBIBYTE), 400),
    "trailers": (endless(CHUNKED + b"0\r\n", LINE * 64), 431),
    "length of a chunk": (endless(CHUNKED, b"0" * 100_000), 400),
}
"""What is sent until the server closes the connection, and its answer."""
SINGLE: dict[str, tuple[bytes, int]] = {
    "101 headers": (GET + b"X: a\r\n" * 101 + b"\r\n", 431),
    "a header of 33 KiB": (GET + b"X: " + b"a" * 33_792 + b"\r\n\r\n", 431),
    "a URL of 17 KiB": (b"GET /healthz?" + b"a" * 17_408 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + b"Host: b\r\n\r\n", 400),
    "a host with a bracket": (b"GET /v1/videos HTTP/1.1\r\nHost: [\r\n\r\n", 400),
    "a host with a path": (b"GET /v1/videos HTTP/1.1\r\nHost: a/healthz?\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "a length and chunks": (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks that are not the last": (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n", 400),
    "a negative length": (POST + b"Content-Length: -1\r\n\r\n", 400),
    "a length beyond 64 bits": (POST + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
    "a space before the colon": (GET + b"X : a\r\n\r\n", 400),
    "a folded header": (GET + b"X: a\r\n b\r\nC\r\n\r\n", 400),
    "a NUL in a header": (GET + b"X: a\0\r\n\r\n", 400),
    "an unknown method": (b"BREW /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "a path that is not ASCII": (b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "an upgrade with a body": (
        POST + b"Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\na",
        400,
    ),
    "a websocket": (
        b"GET /v1/videos HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        401,
    ),
}
"""What is sent once, and the answer after which the server closes the connection."""


async def send_all(pieces: Iterable[bytes], status: int, target: Target) -> None:
    """Sends pieces until the server closes the connection; it must do so with this status."""
    client = await connect(target)
    try:
        for piece in pieces:
            if not await client.send(piece.replace(b"%s", target.key.encode())):
                break
        received = await client.read_to_end()
    finally:
        client.close()
    statuses = statuses_of(received)
    for each in statuses:
        target.answered("raw", each)
    assert statuses in ([status], []), statuses  # a client that goes on sending may miss the answer
    assert statuses or not isinstance(pieces, tuple), "closed without an answer"


async def send_pipeline(target: Target) -> None:
    """Sends 200,000 requests without reading a response."""
    client = await connect(target)
    for _ in range(100):
        if not await client.send((GET + b"\r\n") * 2_000):
            break
    statuses = statuses_of(await client.read_to_end())
    client.close()
    assert set(statuses) <= {200}
    assert len(statuses) < 2_000, f"{len(statuses)} requests were taken"


ATTACKS = (
    *(
        Attack(KIND, name, functools.partial(send_all, list(pieces), status))
        for name, (pieces, status) in FLOODS.items()
    ),
    *(
        Attack(KIND, name, functools.partial(send_all, (sent,), status))
        for name, (sent, status) in SINGLE.items()
    ),
    Attack(KIND, "200,000 requests in a pipeline", send_pipeline),
)
