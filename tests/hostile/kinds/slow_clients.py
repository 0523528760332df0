"""Clients that open connections and do not get on with them."""

import asyncio
import functools
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from tests.hostile.attack import Attack, Target
from tests.hostile.raw_http import SMALL_BUFFER, allow_files, connect, open_socket, statuses_of

KIND = "slow_clients"
GET = b"GET /healthz HTTP/1.1\r\nHost: gateway\r\n"
POST = (
    b"POST /v1/videos HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer %s\r\n"
    b"Content-Type: application/json\r\n"
)
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
FORM = (
    b"POST /v1/assets HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer %s\r\nContent-Length: 999999\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
)
CLOSED_SECONDS = 22.0
"""Time within which the server must have closed a slow client's connection."""
HEAD_SECONDS = 10.0
BODY_SECONDS = 15.0
"""Times that the server gives a client: one that is closed later gets all of its answers."""
AGAIN_SECONDS = 12.0
"""Time for which a client connects again after it has made room for another."""
UNREAD_SECONDS = 19.0
"""Time after which the server must have given up a client that does not read."""
PAUSE_SECONDS = 0.5
HALF_OPEN = 5_000
USABLE_SECONDS = 5.0
AT_ONCE = 100
"""Connections that are opened at the same time."""


@dataclass(frozen=True, slots=True)
class Slow:
    """What a client sends at once, what again and again afterwards, and the statuses that it may get."""

    first: bytes
    again: bytes = b""
    statuses: tuple[int, ...] = (408,)


HEADS: Mapping[str, Slow] = {
    "nothing": Slow(b"", statuses=()),
    "a line break": Slow(b"\r\n", b"\r\n", ()),
    "a letter": Slow(b"G"),
    "half a line": Slow(b"GET /heal"),
    "half a head": Slow(GET),
    "half a header": Slow(GET + b"X-Half"),
    "header after header": Slow(GET, b"X: a\r\n"),
    "a header by letters": Slow(GET + b"X: ", b"a"),
    "a path by letters": Slow(b"GET /", b"a"),
    "a head after a response": Slow(GET + b"\r\n" + GET, b"X: a\r\n", (200, 408)),
    "nothing after a response": Slow(GET + b"\r\n", statuses=(200,)),
    "line breaks after a response": Slow(GET + b"\r\n", b"\r\n", (200,)),
}
BODIES: Mapping[str, Slow] = {
    "no body": Slow(POST + b"Content-Length: 10\r\n\r\n"),
    "half a body": Slow(POST + b"Content-Length: 10\r\n\r\n{"),
    "a body by letters": Slow(POST + b"Content-Length: 100000\r\n\r\n", b" "),
    "no chunk": Slow(CHUNKED),
    "half a chunk": Slow(CHUNKED + b"a\r\n{"),
    "a length of a chunk by digits": Slow(CHUNKED, b"0"),
    "small chunks": Slow(CHUNKED, b"1\r\n \r\n"),
    "no end of chunks": Slow(CHUNKED + b"1\r\n \r\n"),
    "a trailer by letters": Slow(CHUNKED + b"0\r\nX: ", b"a"),
    "no form": Slow(FORM),
    "half a form": Slow(FORM + b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'),
    "a form by letters": Slow(FORM + b"--b\r\n", b"a"),
    "a wrong key's body": Slow(
        b"POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nContent-Length: 9\r\n\r\n",
        statuses=(401,),
    ),
    "a body that is asked for": Slow(
        POST + b"Expect: 100-continue\r\nContent-Length: 10\r\n\r\n", statuses=(100, 408)
    ),
}
UNREAD = ("/static-offline-docs/swagger-ui-bundle.js", "/openapi.json")
"""Large answers that need no key."""


async def send_slowly(slow: Slow, limit_seconds: float, target: Target) -> None:
    """A connection may be closed before its time, to make room for the thousands of the attacks beside this
    one: then the client connects again."""
    began = time.monotonic()
    while True:
        connected = time.monotonic()
        statuses = await statuses_of_slow(slow, target)
        now = time.monotonic()
        if statuses == slow.statuses:
            return
        assert statuses == slow.statuses[:-1], statuses
        if now - began > AGAIN_SECONDS:
            assert now - connected < limit_seconds, f"closed after {now - connected} s without its answer"
            return


async def statuses_of_slow(slow: Slow, target: Target) -> tuple[int, ...]:
    """Returns the statuses that the client has got until the server closed the connection."""
    client = await connect(target)
    key = target.key.encode()
    await client.send(slow.first.replace(b"%s", key))
    reading = asyncio.create_task(client.read_to_end())
    began = time.monotonic()
    while not reading.done() and time.monotonic() - began < CLOSED_SECONDS:
        if slow.again:
            await client.send(slow.again)
        await asyncio.wait([reading], timeout=PAUSE_SECONDS)
    client.close()
    assert reading.done(), f"still open after {CLOSED_SECONDS} s"
    return tuple(statuses_of(await reading))


async def all_at_once(clients: Mapping[str, Slow], limit_seconds: float, target: Target) -> None:
    results = await asyncio.gather(
        *(send_slowly(slow, limit_seconds, target) for slow in clients.values()), return_exceptions=True
    )
    failed = {name: result for name, result in zip(clients, results, strict=True) if result is not None}
    assert not failed, failed


async def do_not_read(target: Target) -> None:
    """Asks for large answers, and reads them only after they must have been given up."""
    clients = [(path, await connect(target, buffer=SMALL_BUFFER)) for path in UNREAD * 3]
    whole = {path: int((await target.anonymous.head(path)).headers["content-length"]) for path in UNREAD}
    for path, client in clients:
        await client.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 8)
    await asyncio.sleep(UNREAD_SECONDS)
    received = await asyncio.gather(*(client.read_to_end() for _, client in clients))
    for (path, _), answer in zip(clients, received, strict=True):
        assert len(answer) < whole[path] * 8, f"{path} was kept for the client"


async def half_open(first: bytes, count: int, addresses: int, target: Target) -> None:
    """Opens connections that send no whole request; the API goes on for others and for this address."""
    allow_files(HALF_OPEN * 3)
    opened: list[socket.socket] = []
    numbers = iter(range(count))
    loop = asyncio.get_running_loop()

    async def opener(numbers: Iterator[int]) -> None:
        for number in numbers:
            index = number % addresses
            client = open_socket(f"127.9.{index // 250}.{index % 250 + 1}")
            opened.append(client)
            with suppress(ConnectionError):  # it has made room for another already
                await loop.sock_connect(client, (target.host, target.port))
                await loop.sock_sendall(client, first)

    try:
        await asyncio.gather(*(opener(numbers) for _ in range(AT_ONCE)))
        for path in ("/healthz", "/v1/videos", "/v1/voices"):
            async with asyncio.timeout(USABLE_SECONDS):
                response = await target.http.get(path)
            assert response.status_code == 200, response.text
    finally:
        for client in opened:
            client.close()


async def leave_streams_behind(target: Target) -> None:
    """Begins streams with a request behind each, and leaves: nothing may go on for them."""
    made = await target.http.post("/v1/audio/jobs", json={"script": "A stream is left alone."})
    path = f"/v1/jobs/{made.json()['id']}/events"
    stream = f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {target.key}\r\n\r\n".encode()
    clients = [await connect(target) for _ in range(50)]
    for client in clients:
        await client.send(stream + GET + b"\r\n")
    for client in clients:
        client.close()


ATTACKS = (
    Attack(KIND, "heads", functools.partial(all_at_once, HEADS, HEAD_SECONDS)),
    Attack(KIND, "bodies", functools.partial(all_at_once, BODIES, BODY_SECONDS)),
    Attack(KIND, "readers", do_not_read),
    Attack(KIND, "silent connections of one address", functools.partial(half_open, b"", HALF_OPEN, 1)),
    Attack(KIND, "half a head from many addresses", functools.partial(half_open, GET, 1_000, 500)),
    Attack(KIND, "a letter from a thousand addresses", functools.partial(half_open, b"G", 1_000, 1_000)),
    Attack(KIND, "streams left behind", leave_streams_behind),
)
