"""An asyncio child process that is started without fork, whatever the event loop.

uvloop forks this process, with gRPC's threads in it: gRPC would have to prepare for that, and logs that it
cannot. Here nothing is copied (`vfork`), as with asyncio's own loop.
"""

import asyncio
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress


class _StderrProtocol(asyncio.StreamReaderProtocol):
    """Closes the socket at the end of the child's output: there is nothing to answer."""

    def eof_received(self) -> bool:
        super().eof_received()
        return False


class ChildProcess:
    """A running child process, created by `start`. `stderr` reads its output."""

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
        """Starts the program in a session of its own, connected with this one by `pass_fds` and its stderr
        only.

        Its stderr is a socket: uvloop closes a pipe's descriptor twice, the second time possibly that of a
        file which another thread has just opened.
        """
        parent_end, child_end = socket.socketpair()
        try:
            with child_end:
                process = subprocess.Popen(  # noqa: ASYNC220 - blocks for as long as asyncio's own start
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=child_end.fileno(),
                    pass_fds=pass_fds,
                    start_new_session=True,
                    env=environment,
                )
        except BaseException:
            parent_end.close()
            raise
        stderr = asyncio.StreamReader()
        await asyncio.get_running_loop().create_connection(lambda: _StderrProtocol(stderr), sock=parent_end)
        return cls(process, stderr)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Returns the exit code, `None` until the process is reaped."""
        return self._process.returncode

    async def wait(self) -> None:
        """Waits until the process is reaped."""
        await self._reaped.wait()

    def _reap(self) -> None:
        self._process.wait()
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._reaped.set)
