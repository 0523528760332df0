"""A client that sends what no HTTP client would."""

import asyncio
import re
import resource
import socket
from dataclasses import dataclass

from tests.hostile.attack import Target

LOOPBACK = "127.0.0.1"
BLOCK_BYTES = 65_536
SMALL_BUFFER = 4_096


@dataclass(frozen=True, slots=True)
class RawClient:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> bool:
        """Returns False if the server has closed the connection meanwhile."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError:
            return False
        return True

    async def read_to_end(self) -> bytes:
        """Returns all that comes until the server closes the connection."""
        received = bytearray()
        try:
            while block := await self.reader.read(BLOCK_BYTES):
                received += block
        except ConnectionError:
            pass
        return bytes(received)

    def close(self) -> None:
        self.writer.transport.abort()


async def connect(target: Target, *, address: str = LOOPBACK, buffer: int | None = None) -> RawClient:
    """Connects from a loopback address; `buffer` is how much the kernel may receive unread."""
    opened = open_socket(address)
    if buffer is not None:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    await asyncio.get_running_loop().sock_connect(opened, (target.host, target.port))
    return RawClient(*await asyncio.open_connection(sock=opened, limit=SMALL_BUFFER))


def open_socket(address: str) -> socket.socket:
    opened = socket.socket()
    opened.setblocking(False)
    opened.bind((address, 0))
    return opened


def statuses_of(received: bytes) -> list[int]:
    """Returns the statuses of the responses in what was received."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) [A-Z]", received)]


def allow_files(count: int) -> None:
    """Lets this process open so many files, if the system does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
