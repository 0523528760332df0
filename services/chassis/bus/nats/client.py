"""NATS client with faster message headers: half of the client's own cost is spent on them.

Both methods override private methods of the client. Unusual headers take the client's own way, and without
the overrides everything works the same.
"""

import re
from functools import lru_cache
from typing import Any

from nats.aio.client import Client

_NAME = re.compile(r"[A-Za-z0-9-]+")


class FastHeaderClient(Client):
    """The client of nats-py with its own parsing and writing of headers."""

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        headers: dict[str, str] = {}
        for line in raw.decode("utf-8", "replace").split("\r\n"):
            name, colon, value = line.partition(":")
            name = name.strip()
            if colon and name.isascii() and len(name.split()) == 1:
                headers[name] = value.strip()
        return headers

    async def _send_publish(
        self, subject: str, reply: str, payload: bytes, payload_size: int, headers: dict[str, Any] | None
    ) -> None:
        lines = header_lines(headers) if headers else None
        if lines is None:
            return await super()._send_publish(subject, reply, payload, payload_size, headers)
        sizes = f"{len(lines)} {len(lines) + payload_size}"
        command = b"HPUB %b %b %b\r\n%b%b\r\n"
        await self._send_command(command % (subject.encode(), reply.encode(), sizes.encode(), lines, payload))
        self.stats["out_msgs"] += 1
        self.stats["out_bytes"] += payload_size
        if self._flush_queue is not None and self._flush_queue.empty():
            await self._flush_pending()
        return None


def header_lines(headers: dict[str, Any]) -> bytes | None:
    """Returns the headers in wire form, `None` if one of them would be changed by it."""
    text = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if (
        text.count("\n") != len(headers)
        or text.count("\r") != len(headers)
        or not all(map(_is_name, headers))
    ):
        return None
    return f"NATS/1.0\r\n{text}\r\n".encode()


@lru_cache(maxsize=64)
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None
