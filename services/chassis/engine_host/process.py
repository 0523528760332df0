"""A child process with one open engine in it, as the worker sees it."""

import asyncio
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from contextvars import Context

import structlog

from services.chassis.engine_api.entry import EngineEntry
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_host.child_process import ChildProcess
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.codec import HEADER, BadFrame, decode, frame_sizes
from services.chassis.engine_host.frames import (
    Failed,
    FromChild,
    ModuleMissing,
    Ready,
    Refused,
    Run,
    encode_request,
)
from services.chassis.engine_host.resident_memory import resident_bytes
from services.chassis.errors import (
    OUT_OF_MEMORY_ADVICE,
    EngineCrashed,
    EngineUnavailable,
    LikenessError,
    Reason,
    error_of,
)

log = structlog.get_logger()

MAX_STDERR_LINES, MAX_STDERR_CHARACTERS = 40, 500
"""Number and length of the last stderr lines that the log shows of a crashed engine."""
MAX_STDERR_BYTES = 4 << 20
"""Number of bytes on stderr during one request that end the engine."""
MEMORY_POLL_SECONDS = 0.2
EXIT_SECONDS = 5.0
"""How long a process may take to end before it is killed, and to be reaped afterwards."""


class EngineProcess:
    """A running engine process. It ends with `kill`, and at the latest with this process."""

    def __init__(
        self,
        entry: EngineEntry,
        settings: ChildSettings,
        process: ChildProcess,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        lifeline: socket.socket,
    ) -> None:
        self._entry = entry
        self._settings = settings
        self._process = process
        self._reader = reader
        self._writer = writer
        self._lifeline = lifeline
        self._stderr_tail: deque[str] = deque(maxlen=MAX_STDERR_LINES)
        # In a context of their own: they outlive the stage that started the process.
        self._stderr_task = asyncio.create_task(self._read_stderr(), context=Context())
        self._exit_task = asyncio.create_task(self._kill_group_after_exit(), context=Context())
        self._memory_task: asyncio.Task[None] | None = None
        self._stderr_bytes = 0
        self._killed = False
        self._killed_for: LikenessError | None = None

    @classmethod
    async def start(cls, entry: EngineEntry, settings: ChildSettings) -> "EngineProcess":
        """Starts the child process of an engine; `opened` waits until the engine is ready."""
        settings.home.mkdir(exist_ok=True)
        channel, child_channel = socket.socketpair()
        lifeline, child_lifeline = socket.socketpair()
        with child_channel, child_lifeline:
            descriptors = (child_channel.fileno(), child_lifeline.fileno())
            process = await ChildProcess.start(
                [
                    sys.executable,
                    "-m",
                    "services.chassis.engine_host.child",
                    entry.path,
                    *map(str, descriptors),
                    settings.to_json(),
                    str(os.getpid()),
                ],
                pass_fds=descriptors,
                environment=settings.environment(os.environ),
            )
        reader, writer = await asyncio.open_connection(sock=channel)
        return cls(entry, settings, process, reader, writer, lifeline)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Tells whether the process can take a request."""
        return not self._killed and self._process.returncode is None and not self._reader.at_eof()

    async def opened(self) -> EngineSpec:
        """Waits until the engine is open and returns its spec.

        Raises the `LikenessError` that says why it does not open.
        """
        frame = await self.receive()
        if not isinstance(frame, Ready):
            raise self.error_in(frame)
        log.info("engine.confined", engine=self._entry.name, pid=self.pid, lacking=frame.unconfined)
        bound = frame.spec.memory_bytes(self._settings.memory_mb)
        self._memory_task = asyncio.create_task(self._watch_memory(bound), context=Context())
        return frame.spec

    async def send(self, request: Run) -> None:
        """Sends a request. Raises as `receive` does if the process has died."""
        self._stderr_bytes = 0
        self._writer.write(encode_request(request))
        try:
            await self._writer.drain()
        except ConnectionError:
            raise await self._crash_error() from None

    async def receive(self) -> FromChild:
        """Returns the next frame.

        Raises `EngineCrashed`, or a `LikenessError` of reason out of memory, if the process dies instead. It
        is killed if it sends something that is no frame.
        """
        try:
            text, arrays = frame_sizes(await self._reader.readexactly(HEADER.size))
            frame = decode(await self._reader.readexactly(text), await self._reader.readexactly(arrays))
            if not isinstance(frame, FromChild):
                raise BadFrame(f"a {type(frame).__name__}")
            return frame
        except BadFrame as error:
            log.error("engine.bad_frame", engine=self._entry.name, error=str(error))
            self.kill()
            raise EngineCrashed(f"The engine {self._entry.name} broke its protocol.") from error
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await self._crash_error() from None

    def error_in(self, frame: FromChild) -> LikenessError:
        """Returns the error that a frame other than the expected one stands for."""
        match frame:
            case Refused(reason, message):
                return error_of(reason, message)
            case ModuleMissing(module):
                return EngineUnavailable(
                    f"The engine {self._entry.name} needs the Python module {module}. "
                    f"Install it with: {self._entry.install_command}"
                )
            case Failed(message, frames):
                log.error("engine.failed", engine=self._entry.name, frames=frames)
                return LikenessError(f"The engine {self._entry.name} failed: {message}")
            case _:
                kind = type(frame).__name__
                return LikenessError(f"The engine {self._entry.name} broke its protocol: {kind}.")

    def kill(self) -> None:
        """Kills the process and all that it started at once."""
        self._killed = True
        if self._memory_task is not None:
            self._memory_task.cancel()
        if self._process.returncode is None:
            self._kill_group()
        self._writer.close()
        self._lifeline.close()

    async def close(self) -> None:
        """Lets the engine close; kills it if it does not."""
        self._writer.close()
        done, _ = await asyncio.wait({self._exit_task}, timeout=EXIT_SECONDS)
        if not done:
            log.warning("engine.close_timed_out", engine=self._entry.name)
        await self.end()

    async def end(self) -> None:
        """Kills the process, and returns when it is reaped and its tasks here have ended."""
        self.kill()
        await asyncio.wait({self._exit_task, self._stderr_task}, timeout=EXIT_SECONDS)

    async def _crash_error(self) -> LikenessError:
        """Waits until the process is reaped, and returns the error that says why it died."""
        await asyncio.wait({self._exit_task, self._stderr_task}, timeout=EXIT_SECONDS)
        code = self._process.returncode or 0  # it may have closed the channel and still run
        killed_here = self._killed
        self.kill()
        log.error(
            "engine.crashed", engine=self._entry.name, exit_code=code, stderr="\n".join(self._stderr_tail)
        )
        if self._killed_for is not None:
            return self._killed_for
        if code == -signal.SIGKILL and not killed_here:  # the kernel has, when memory was short
            return _out_of_memory()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return EngineCrashed(f"The engine {self._entry.name} crashed ({how}).")

    async def _kill_group_after_exit(self) -> None:
        """Kills the process group as soon as the process is reaped: later its id may belong to others."""
        await self._process.wait()
        if self._memory_task is not None:
            self._memory_task.cancel()
        self._kill_group()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError):  # the group is empty
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _read_stderr(self) -> None:
        async for line in _lines(self._process.stderr):
            self._stderr_bytes += len(line)
            shown = line[:MAX_STDERR_CHARACTERS].decode(errors="replace").rstrip()
            self._stderr_tail.append(shown)
            log.debug("engine.stderr", engine=self._entry.name, line=shown)
            if self._stderr_bytes > MAX_STDERR_BYTES:
                self._kill_for(EngineCrashed(f"The engine {self._entry.name} wrote too much into its log."))
                return

    async def _watch_memory(self, bound: int) -> None:
        """Kills the process when it, and those that it has started, hold more than `bound` bytes together.

        Its own limits end one allocation that is too large; they do not count those of its children.
        """
        while True:
            held = resident_bytes(self.pid)
            if held > bound:
                log.error("engine.memory_exceeded", engine=self._entry.name, held=held, bound=bound)
                self._kill_for(_out_of_memory())
                return
            await asyncio.sleep(MEMORY_POLL_SECONDS)

    def _kill_for(self, error: LikenessError) -> None:
        """Kills the process, if it has not ended; a caller that waits for its next frame gets the error."""
        if self._process.returncode is None:
            self._killed_for = error
            self._kill_group()


def _out_of_memory() -> LikenessError:
    return LikenessError(OUT_OF_MEMORY_ADVICE, reason=Reason.OUT_OF_MEMORY)


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yields lines of any length, cut at the reader's limit."""
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            line = await reader.readexactly(error.consumed)
        except asyncio.IncompleteReadError as error:
            line = error.partial
        if not line:
            return
        yield line
