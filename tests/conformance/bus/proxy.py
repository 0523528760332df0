"""A loopback wire to the broker that can be cut and stopped up."""

import asyncio
from types import TracebackType

from yarl import URL

PIECE_BYTES = 65_536
BYTE_SECONDS = 0.002


class Proxy:
    def __init__(self, url: str) -> None:
        self._broker = URL(url)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._is_slow = False
        self._bytes_until_cut: int | None = None

    async def __aenter__(self) -> "Proxy":
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.thaw()
        await self.refuse()

    @property
    def url(self) -> str:
        return str(self._broker.with_port(self._port))

    async def open(self) -> None:
        """Accept connections (again), always on the same port."""
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """End what there is, accept nothing."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    def cut(self) -> None:
        """Every connection is reset; a new one is welcome."""
        self._bytes_until_cut = None
        for writer in tuple(self._writers):
            writer.transport.abort()

    def cut_after(self, bytes_from_client: int) -> None:
        self._bytes_until_cut = bytes_from_client

    def freeze(self) -> None:
        """What is sent goes nowhere, and nobody is told."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def slow_down(self) -> None:
        """What the client sends from now on goes on byte by byte."""
        self._is_slow = True

    def speed_up(self) -> None:
        self._is_slow = False

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            broker_reader, broker_writer = await asyncio.open_connection(self._broker.host, self._broker.port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, broker_writer}
        self._writers |= ends
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, broker_writer, ends, counts=True))
                pumps.create_task(self._pump(broker_reader, writer, ends, counts=False))
        finally:
            self._writers -= ends

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        ends: set[asyncio.StreamWriter],
        *,
        counts: bool,
    ) -> None:
        try:
            while piece := await source.read(PIECE_BYTES):
                if counts and self._is_slow:
                    await self._trickle(piece, sink)
                    continue
                await self._flowing.wait()
                sink.write(self._counted(piece) if counts else piece)
                await sink.drain()
        except OSError:
            pass
        finally:
            for end in ends:
                end.transport.abort() if source.exception() else end.close()

    async def _trickle(self, piece: bytes, sink: asyncio.StreamWriter) -> None:
        for position in range(len(piece)):
            await asyncio.sleep(BYTE_SECONDS if self._is_slow else 0)
            await self._flowing.wait()
            sink.write(piece[position : position + 1])
            await sink.drain()

    def _counted(self, piece: bytes) -> bytes:
        if self._bytes_until_cut is None:
            return piece
        if len(piece) < self._bytes_until_cut:
            self._bytes_until_cut -= len(piece)
            return piece
        self.cut()
        return b""
