"""A file and a server that an attacker wants to be read, and that tell whether they were."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Canary:
    """Addresses to name in requests; `calls` counts who has come to the server."""

    file: Path
    port: int
    secret: str
    calls: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.secret}.png"

    def check(self, answer: str) -> None:
        """Raises AssertionError if the server was called, or if the answer holds what is in the file."""
        assert not self.calls, "The server was called."
        assert self.secret not in answer.replace(self.url, ""), "The file was read."


@asynccontextmanager
async def canary() -> AsyncGenerator[Canary]:
    secret = secrets.token_hex(12)
    with tempfile.TemporaryDirectory(prefix="canary-") as folder:
        found = Canary(Path(folder) / "passwd.png", 0, secret)
        found.file.write_text(secret)

        async def note(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found.calls += 1
            writer.close()

        server = await asyncio.start_server(note, "127.0.0.1", 0)
        async with server:
            found.port = server.sockets[0].getsockname()[1]
            yield found
