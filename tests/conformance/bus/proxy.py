"""A TCP proxy on loopback that can cut, freeze and slow down connections to a broker."""

import asyncio
from types import TracebackType

from yarl import URL

BLOCK_BYTES = 65_536
BYTE_SECONDS = 0.002


class Proxy:
    """Forwards connections to the broker at `url`."""

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
        """Accepts connections (again), always on the same port."""
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Cuts all connections and accepts no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    def cut(self) -> None:
        """Resets every connection; new ones are accepted."""
        self._bytes_until_cut = None
        for writer in tuple(self._writers):
            writer.transport.abort()

    def cut_after(self, bytes_from_client: int) -> None:
        """Cuts all connections after so many more bytes from clients."""
        self._bytes_until_cut = bytes_from_client

    def freeze(self) -> None:
        """Stops forwarding without closing anything."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def slow_down(self) -> None:
        """Forwards byte by byte what clients send from now on."""
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
            while block := await source.read(BLOCK_BYTES):
                if counts and self._is_slow:
                    await self._trickle(block, sink)
                    continue
                await self._flowing.wait()
                sink.write(self._counted(block) if counts else block)
                await sink.drain()
        except OSError:
            pass
        finally:
            for end in ends:
                end.transport.abort() if source.exception() else end.close()

    async def _trickle(self, block: bytes, sink: asyncio.StreamWriter) -> None:
        for position in range(len(block)):
            await asyncio.sleep(BYTE_SECONDS if self._is_slow else 0)
            await self._flowing.wait()
            sink.write(block[position : position + 1])
            await sink.drain()

    def _counted(self, block: bytes) -> bytes:
        if self._bytes_until_cut is None:
            return block
        if len(block) < self._bytes_until_cut:
            self._bytes_until_cut -= len(block)
            return block
        self.cut()
        return b""
