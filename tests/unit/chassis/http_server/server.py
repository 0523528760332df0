"""A small application behind the guarded protocol, and raw connections to it."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from services.chassis.http_server.limits import ConnectionLimits
from services.chassis.http_server.server import build_config
from services.chassis.observability.health import EmbeddedServer

LOOPBACK = "127.0.0.1"
LARGE = 30_000_000
ENOUGH_SECONDS = 10.0


@dataclass
class Application:
    """Endpoints that read, answer largely or answer without end; it notes which streams have ended."""

    streams: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    reads: asyncio.Event = field(default_factory=asyncio.Event)
    """Lets `/late` read its body."""

    def build(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/ok", self.ok),
                Route("/length", self.length, methods=["POST"]),
                Route("/late", self.late, methods=["POST"]),
                Route("/unread", self.ok, methods=["POST"]),
                Route("/headers", self.headers),
                Route("/large", self.large),
                Route("/stream", self.stream),
                Route("/flood", self.flood),
            ]
        )

    async def ok(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def length(self, request: Request) -> Response:
        return JSONResponse({"length": len(await request.body())})

    async def late(self, request: Request) -> Response:
        await self.reads.wait()
        return await self.length(request)

    async def headers(self, request: Request) -> Response:
        return JSONResponse(sorted(request.headers))

    async def large(self, _request: Request) -> Response:
        return Response(b"x" * LARGE)

    async def stream(self, _request: Request) -> Response:
        return StreamingResponse(self._endless(b"data: 1\n\n", 0.02), media_type="text/event-stream")

    async def flood(self, _request: Request) -> Response:
        return StreamingResponse(self._endless(b"x" * 10_000, 0))

    async def _endless(self, piece: bytes, pause: float) -> AsyncGenerator[bytes]:
        self.streams += 1
        try:
            while True:
                yield piece
                await asyncio.sleep(pause)
        finally:
            self.ended.set()


@dataclass(frozen=True)
class Server:
    port: int
    application: Application
    server: uvicorn.Server

    def open_connections(self) -> int:
        return len(self.server.server_state.connections)

    async def connect(self, *, address: str = LOOPBACK, buffer: int | None = None) -> "RawClient":
        """Opens a connection from a loopback address; `buffer` is how much its kernel may receive unread."""
        opened = socket.socket()
        opened.setblocking(False)
        if buffer is not None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        opened.bind((address, 0))
        await asyncio.get_running_loop().sock_connect(opened, (LOOPBACK, self.port))
        reader, writer = await asyncio.open_connection(sock=opened, limit=4096)
        return RawClient(reader, writer)


@dataclass(frozen=True)
class RawClient:
    """A client that sends what no HTTP client would."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], Any]:
        """Returns status, headers and JSON of the next response."""
        async with asyncio.timeout(ENOUGH_SECONDS):
            head = await self.reader.readuntil(b"\r\n\r\n")
            status, _, lines = head.decode().partition("\r\n")
            headers = dict(line.split(": ", 1) for line in lines.strip().split("\r\n"))
            body = await self.reader.readexactly(int(headers["content-length"]))
        return int(status.split()[1]), headers, json.loads(body)

    async def rest(self) -> bytes:
        """Returns what comes until the server closes the connection."""
        async with asyncio.timeout(ENOUGH_SECONDS):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    def close(self) -> None:
        self.writer.close()


@asynccontextmanager
async def served(limits: ConnectionLimits) -> AsyncGenerator[Server]:
    application = Application()
    server = EmbeddedServer(build_config(application.build(), LOOPBACK, 0, limits, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0)
    try:
        yield Server(port_of(server), application, server)
    finally:
        serving.cancel()
        server.close()
        await asyncio.gather(serving, return_exceptions=True)


def port_of(server: uvicorn.Server) -> int:
    return server.servers[0].sockets[0].getsockname()[1]
