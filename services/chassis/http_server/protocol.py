"""The HTTP protocol of uvicorn, with limits of what a client may send, hold open and delay."""

import asyncio
import fcntl
import re
import socket
import struct
import termios
from contextlib import suppress
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from services.chassis.http_server import refusals
from services.chassis.http_server.connections import CLOSED, Connections
from services.chassis.http_server.limits import ConnectionLimits
from services.chassis.http_server.progress import Progress
from services.chassis.http_server.refusals import Refusal, Render, response_bytes

HOST = re.compile(rb"([\w.~%!$&'()*+,;=-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])?(:\d{0,5})?", re.ASCII)
"""A host of RFC 3986 with a port. It becomes a part of URLs that the application reads."""
ANNOUNCES_BODY = (b"content-length", b"transfer-encoding")
NO_LINGER = struct.pack("ii", 1, 0)
FRAMING_PER_BYTE = 16
FRAMING_BYTES = 65_536
"""Framing that a body may have: a few bytes for each byte of content, and some more, such as trailers."""


class Refused(Exception):
    """Ends the parsing of a request; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class GuardedProtocol(HttpToolsProtocol):
    """One connection, within limits.

    What cannot be answered by the application is answered here, as `render` says. A connection that its
    client delays is closed: with a 408 if a request was under way that has no response yet.
    """

    parser: httptools.HttpRequestParser

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: ConnectionLimits,
        registry: Connections,
        render: Render,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = limits
        self._registry = registry
        self._render = render
        self._running: RequestResponseCycle | None = None
        self._waits_since: float | None = None
        """Time since which a request, or the rest of its headers, is awaited."""
        self._wait_seconds = limits.head_seconds
        self._body: Progress | None = None
        """The body that is being received."""
        self._reader: Progress | None = None
        """The response that the client is slow to take."""
        self._unsent = 0
        self._deaf = False
        """True once the rest of what the client sends is dropped."""
        self._dropped = 0
        self._closes_at: float | None = None
        self._begin_head()

    # Connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request(self._limits.head_seconds)
        if not self._registry.admit(self, self.client[0] if self.client else ""):
            CLOSED.labels("limit").inc()
            self._answer(refusals.TOO_MANY_CONNECTIONS)
        self._note_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._registry.remove(self)
        if self._running is not None and not self._running.response_complete:
            self._tell_disconnected(self._running)  # it need not be the latest of a pipeline
        self.pipeline.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            self._drop(len(data))
            return
        self._unset_keepalive_if_required()
        self._received += len(data)
        try:
            self.parser.feed_data(data)
            self._check_sizes(len(data))
        except httptools.HttpParserUpgrade:
            self._deaf = True  # the request is answered as if it asked for no upgrade, and nothing follows
        except (httptools.HttpParserError, Refused) as exc:
            cause = exc if isinstance(exc, Refused) else exc.__context__
            self._refuse(cause.refusal if isinstance(cause, Refused) else refusals.BAD_REQUEST)
        self._note_waiting()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._reader = None
        self._note_waiting()

    # Parser

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()
        self._begun = True
        if not self._is_answering():
            self._await_request(self._limits.head_seconds)

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self._limits.url_bytes:
            raise Refused(refusals.URL_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_count += 1
        self._header_bytes += len(name) + len(value) + 4
        if self._header_count > self._limits.headers or self._header_bytes > self._limits.head_bytes:
            raise Refused(refusals.HEADERS_TOO_LARGE)
        if self._in_head:  # trailers must not change what has been checked
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._check_host()
        if len(self.pipeline) >= self._limits.pipelined:
            raise Refused(refusals.TOO_MANY_CONNECTIONS)
        upgrades = self.parser.should_upgrade()
        if upgrades and any(name in ANNOUNCES_BODY for name, _ in self.headers):
            raise Refused(refusals.UPGRADE_WITH_BODY)  # the parser would skip the body
        super().on_headers_complete()
        self._in_head = False
        self._received = self._content = 0
        if upgrades:
            self.cycle.keep_alive = False
        self._waits_since = None

    def on_body(self, body: bytes) -> None:
        self._content += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._body = self._closes_at = None
        self._begin_head()
        if not self._is_answering():
            self._await_request(self._limits.idle_seconds)

    # Application

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._is_answering():  # the next of the pipeline
            return
        if self.transport.is_closing():
            self._closes_at = self.loop.time() + self._limits.linger_seconds
        elif not self._in_head:
            self._closes_at = self.loop.time() + self._limits.leftover_seconds
        else:
            self._await_request(self._limits.head_seconds if self._begun else self._limits.idle_seconds)
        self._note_waiting()

    # Registry

    def is_overdue(self, now: float) -> bool:
        self._look_at_reader()
        if self._reader is not None:
            return self._is_slow_to_read(self._reader, now)
        if self._closes_at is not None:
            return now >= self._closes_at
        if self._body is not None:
            if self.flow.read_paused or self.cycle.waiting_for_100_continue:
                self._body.excuse(now)
            return self._body.is_too_slow(now, self._limits)
        return self._waits_since is not None and now - self._waits_since > self._wait_seconds

    def expire(self) -> None:
        if self._reader is not None or self._closes_at is not None:
            CLOSED.labels("reading" if self._reader is not None else "closing").inc()
            self.abort()
        elif self._body is not None:
            CLOSED.labels("body").inc()
            self._refuse(refusals.TOO_SLOW)
        elif self._begun:
            CLOSED.labels("headers").inc()
            self._answer(refusals.TOO_SLOW)
        else:
            CLOSED.labels("idle").inc()
            self.abort()

    def abort(self) -> None:
        reset_on_close(self.transport)
        self.transport.abort()

    # Inner steps

    def _begin_head(self) -> None:
        self._in_head = True
        self._begun = False
        """True once a byte of the request has come."""
        self._received = 0
        """Bytes since the beginning of the headers or, after these, of the body."""
        self._content = 0
        self._header_count = 0
        self._header_bytes = 0

    def _is_answering(self) -> bool:
        return self._running is not None and not self._running.response_complete

    def _check_sizes(self, count: int) -> None:
        """Raises Refused for headers or framing of a body that have grown too large, complete or not."""
        if self._in_head:
            if self._received > self._limits.head_bytes + self._limits.url_bytes:
                raise Refused(refusals.HEADERS_TOO_LARGE)
        elif self._received > FRAMING_PER_BYTE * self._content + FRAMING_BYTES + count:
            raise Refused(refusals.BAD_FRAMING)
        elif self._body is None:
            self._body = Progress(self.loop.time())
        else:
            self._body.advance(count, self.loop.time())

    def _check_host(self) -> None:
        """Raises Refused unless there is one valid header Host; HTTP/1.0 needs none."""
        hosts = [value for name, value in self.headers if name == b"host"]
        if not hosts and self.parser.get_http_version() == "1.0":
            return
        if len(hosts) != 1 or not HOST.fullmatch(hosts[0]):
            raise Refused(refusals.BAD_HOST)

    def _await_request(self, seconds: float) -> None:
        self._waits_since = self.loop.time()
        self._wait_seconds = seconds

    def _note_waiting(self) -> None:
        """Tells the registry whether the connection waits for its client."""
        if (
            self._waits_since is not None
            or self._body is not None
            or self._reader is not None
            or self._closes_at is not None
        ):
            self._registry.wait(self)
        else:
            self._registry.resume(self)

    def _look_at_reader(self) -> None:
        """Begins to watch a client that has not taken the end of its response, and ends when it has."""
        if self.flow.write_paused or self._is_answering():
            return
        if not self.transport.get_write_buffer_size():
            self._reader = None
        elif self._reader is None:
            self._watch_reader()

    def _watch_reader(self) -> None:
        self._reader = Progress(self.loop.time())
        self._unsent = self._unsent_bytes()
        self._note_waiting()

    def _is_slow_to_read(self, reader: Progress, now: float) -> bool:
        unsent = self._unsent_bytes()
        if unsent != self._unsent:
            reader.advance(max(0, self._unsent - unsent), now)
            self._unsent = unsent
        return reader.is_too_slow(now, self._limits)

    def _unsent_bytes(self) -> int:
        """Returns how much of the response the client's machine has not taken yet."""
        return self.transport.get_write_buffer_size() + queued_bytes(self.transport)

    def _refuse(self, refusal: Refusal) -> None:
        """Refuses the message that is being received. Responses to earlier ones are still sent, if they are
        under way."""
        if self._in_head:
            self._refuse_head(refusal)
        elif self.cycle is self._running and not self.cycle.response_started:
            self._tell_disconnected(self.cycle)
            self._answer(refusal)
        else:
            self.abort()

    def _refuse_head(self, refusal: Refusal) -> None:
        if self._is_answering():
            self._deaf = True
            self.cycle.keep_alive = False
        else:
            self._answer(refusal)

    def _answer(self, refusal: Refusal) -> None:
        """Sends the refusal and closes the connection, once the client has had time to read it."""
        self._deaf = True
        self._body = None
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        if not self.transport.is_closing():
            self.transport.write(response_bytes(refusal, self._render))
            with suppress(OSError):  # the client may be gone
                self.transport.write_eof()
        self._closes_at = self.loop.time() + self._limits.linger_seconds

    def _drop(self, count: int) -> None:
        self._dropped += count
        if self._dropped > self._limits.linger_bytes:
            self.abort()

    def _tell_disconnected(self, cycle: RequestResponseCycle) -> None:
        cycle.disconnected = True
        cycle.message_event.set()


def reset_on_close(transport: asyncio.Transport) -> None:
    """Has the kernel drop what it has queued, which it would keep for minutes for a client that does not
    read."""
    if (opened := transport.get_extra_info("socket")) is not None:
        with suppress(OSError):  # it is closed already
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)


def queued_bytes(transport: asyncio.Transport) -> int:
    """Returns the bytes in the kernel's queue that the other side has not acknowledged."""
    opened = transport.get_extra_info("socket")
    if opened is None:
        return 0
    try:
        (count,) = struct.unpack("i", fcntl.ioctl(opened.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))
    except OSError:
        return 0
    return count
