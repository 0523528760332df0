"""A program that runs beside this process, whatever event loop there is.

uvloop's own way forks this process, with gRPC's threads in it: gRPC would have to prepare for that, and
writes into the log that it cannot. Here nothing is copied (`vfork`), as with asyncio's own loop.
"""

import asyncio
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress


class ChildProcess:
    """Made by `start`."""

    def __init__(self, process: "subprocess.Popen[bytes]", stderr: asyncio.StreamReader) -> None:
        self.stderr = stderr
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._reaped = asyncio.Event()
        threading.Thread(target=self._reap, name=f"wait for {process.pid}", daemon=True).start()

    @classmethod
    async def start(
        cls, argv: Sequence[str], *, pass_fds: Sequence[int], environment: Mapping[str, str]
    ) -> "ChildProcess":
        """In a session of its own, that only `pass_fds` and its stderr connect with this one."""
        process = subprocess.Popen(  # noqa: ASYNC220 - it blocks for as long as asyncio's own does
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=pass_fds,
            start_new_session=True,
            env=environment,
        )
        stderr = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stderr), process.stderr
        )
        return cls(process, stderr)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """None until it is reaped."""
        return self._process.returncode

    async def wait(self) -> None:
        """Until it is reaped."""
        await self._reaped.wait()

    def _reap(self) -> None:
        self._process.wait()
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._reaped.set)
