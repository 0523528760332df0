"""A proxy on a Unix socket before PostgreSQL that can freeze it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

SOCKET = ".s.PGSQL.{port}"
BLOCK_BYTES = 65_536


class FreezableDatabase:
    """Forwards connections to PostgreSQL, unless it is frozen: then they are accepted and nothing more."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._flowing = asyncio.Event()
        self._flowing.set()

    def freeze(self) -> None:
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    async def copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while block := await reader.read(BLOCK_BYTES):
                await self._flowing.wait()
                writer.write(block)
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def freezable(database_url: str, folder: Path) -> AsyncGenerator[FreezableDatabase]:
    parts = urlsplit(database_url)
    query = parse_qs(parts.query)
    name = SOCKET.format(port=parts.port or 5432)
    behind = Path(query["host"][0]) / name
    query["host"] = [str(folder)]
    database = FreezableDatabase(urlunsplit(parts._replace(query=urlencode(query, doseq=True))))

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other_writer = await asyncio.open_unix_connection(behind)
        await asyncio.gather(database.copy(reader, other_writer), database.copy(other_reader, writer))

    async with await asyncio.start_unix_server(join, folder / name):
        yield database
        database.thaw()
