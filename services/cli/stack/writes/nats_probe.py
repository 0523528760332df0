"""Asks a NATS server whether its streams store messages.

A stream whose write has failed once answers no more, while the server and its other streams go on. The
client's library is not used: a supervisor does without its import.
"""

import asyncio
import json
import secrets
from urllib.parse import unquote, urlsplit

from services.chassis.bus.subjects import REPLACE_EARLIER, STREAMS, health_subject
from services.chassis.disk import HEALTH_BYTES

ANSWER_SECONDS = 2.0
NO_STREAM = b"NATS/1.0 503"
_HEADERS = "\r\n".join(
    ["NATS/1.0", *(f"{name}: {value}" for name, value in REPLACE_EARLIER.items()), "", ""]
).encode()


class NatsWriteProbe:
    """Stores a message in each stream of the bus, in place of the last one."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._host, self._port = address.hostname, address.port
        self._login = {"user": unquote(address.username or ""), "pass": unquote(address.password or "")}

    async def refusal(self) -> str | None:
        """Returns the stream that stores nothing, with its error if it gives one; `None` if all do.

        A stream that does not exist refuses nothing.
        """
        try:
            reader, writer = await asyncio.open_connection(self._host, self._port)
        except OSError as error:
            return str(error)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._log_in(reader, writer)
            for stream in STREAMS.values():
                if refusal := await _refusal_of(stream, reader, writer):
                    return refusal
        except (OSError, ValueError, EOFError, TimeoutError) as error:
            return str(error) or f"no answer within {ANSWER_SECONDS:g} s"
        finally:
            writer.close()
        return None

    async def _log_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        options = {**self._login, "verbose": False, "pedantic": False, "headers": True, "no_responders": True}
        await reader.readline()
        writer.write(f"CONNECT {json.dumps(options)}\r\nPING\r\n".encode())
        if (answer := await reader.readline()) != b"PONG\r\n":
            raise ValueError(f"it answered {answer[:200]!r}")


async def _refusal_of(stream: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str | None:
    inbox = f"_INBOX.{secrets.token_hex(8)}"
    size = len(_HEADERS) + HEALTH_BYTES
    writer.write(f"SUB {inbox} {inbox}\r\n".encode())
    writer.write(f"HPUB {health_subject(stream)} {inbox} {len(_HEADERS)} {size}\r\n".encode())
    writer.write(_HEADERS + bytes(HEALTH_BYTES) + b"\r\n")
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await _message(reader)
    except TimeoutError:
        return f"{stream} does not confirm a message"
    if answer.startswith(NO_STREAM):
        return None
    error = json.loads(answer).get("error")
    return f"{stream}: {error.get('description')}" if error else None


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Returns the next message, its headers included. Raises ValueError for an error of the server."""
    while True:
        line = await reader.readline()
        word, *arguments = line.split()  # an end of the stream has no word
        if word in (b"MSG", b"HMSG"):
            return (await reader.readexactly(int(arguments[-1]) + 2))[:-2]
        if word == b"-ERR":
            raise ValueError(line.decode(errors="replace").strip())
