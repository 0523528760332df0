"""A program that runs beside this process, whatever event loop there is.

uvloop's own way forks this process, with gRPC's threads in it: gRPC would have to prepare for that, and
writes into the log that it cannot. Here nothing is copied (`vfork`), as with asyncio's own loop.
"""

import asyncio
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress


class _UntilEnd(asyncio.StreamReaderProtocol):
    def eof_received(self) -> bool:
        super().eof_received()
        return False  # there is nothing to answer: the socket is closed


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
        """In a session of its own, that only `pass_fds` and its stderr connect with this one.

        Its stderr is a socket: uvloop closes a pipe's descriptor twice, the second time perhaps that of a
        file which another thread has just opened.
        """
        own_end, its_end = socket.socketpair()
        try:
            with its_end:
                process = subprocess.Popen(  # noqa: ASYNC220 - it blocks for as long as asyncio's own does
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=its_end.fileno(),
                    pass_fds=pass_fds,
                    start_new_session=True,
                    env=environment,
                )
        except BaseException:
            own_end.close()
            raise
        stderr = asyncio.StreamReader()
        await asyncio.get_running_loop().create_connection(lambda: _UntilEnd(stderr), sock=own_end)
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
