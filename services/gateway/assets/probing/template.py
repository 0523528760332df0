"""The process that forks one process for each uploaded file:
`python -m services.gateway.assets.probing.template <socket>`.

It has imported the decoders already and reads no uploaded file itself. The next process is always forked and
confined ahead: it waits for its file, reads it, answers, and ends. So each file starts from a clean process
within milliseconds. A process is killed when the gateway closes its end of the answer's socket, and all of
them when the gateway ends.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from services.chassis.sandbox.confine import confine
from services.chassis.sandbox.landlock import FileAccess, restrict_files
from services.chassis.sandbox.limits import Limits
from services.chassis.sandbox.system_calls import prctl
from services.chassis.sandbox.system_paths import code_paths
from services.gateway.assets.media import MediaLimits
from services.gateway.assets.probing.inspection import inspect
from services.gateway.assets.probing.task import MAX_TASK_BYTES, Task

_HANG_UP = select.EPOLLHUP | select.EPOLLERR
_PARENT_DEATH_SIGNAL = 1
_OPEN_FILES = 64
_MAX_BYTES = 1 << 30
"""Memory and size of written files of a process until its task sets lower limits."""
_WARM_PIXELS = (16, 16)


@dataclass(frozen=True, slots=True)
class _Forked:
    """A process that waits for its task."""

    pid: int
    pidfd: int
    tasks: socket.socket

    def end(self) -> int:
        """Kills the process, if it still runs. Returns its exit code."""
        signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.pidfd)
        self.tasks.close()
        return os.waitstatus_to_exitcode(status)


@dataclass(frozen=True, slots=True)
class _Running:
    """A process that has its task. The hang-up of `answer` says that the gateway wants no answer."""

    forked: _Forked
    answer: socket.socket

    @property
    def descriptors(self) -> tuple[int, int]:
        return self.answer.fileno(), self.forked.pidfd


class Template:
    """Gives each task that arrives on the socket to a process of its own."""

    def __init__(self, control: socket.socket, folder: Path) -> None:
        self._control = control
        self._folder = folder
        self._poll = select.epoll()
        self._poll.register(control, select.EPOLLIN)
        self._running: dict[int, _Running] = {}
        """Running processes, by the descriptors of both their socket and their pidfd."""
        self._next = self._fork()

    def serve(self) -> None:
        """Serves until the gateway closes the socket, and then kills all processes."""
        serving = True
        while serving:
            ready = {descriptor for descriptor, _ in self._poll.poll()}
            # Those that end come first: a new one may get the descriptors of one that has ended.
            for descriptor in ready:
                if (running := self._running.get(descriptor)) is not None:
                    self._end(running)
            if self._control.fileno() in ready:
                serving = self._take_task()
        for running in set(self._running.values()):
            self._end(running)
        self._next.end()

    def _take_task(self) -> bool:
        """Gives the next task to the process that waits. Returns False at the end of the socket."""
        task, descriptors, _, _ = socket.recv_fds(self._control, MAX_TASK_BYTES, 1)
        if not task:
            return False
        running = _Running(self._next, socket.socket(fileno=descriptors[0]))
        with suppress(OSError):  # it has ended already, which the gateway is told at once
            socket.send_fds(running.forked.tasks, [task], descriptors)
        for descriptor, events in zip(running.descriptors, (_HANG_UP, select.EPOLLIN), strict=True):
            self._poll.register(descriptor, events)
            self._running[descriptor] = running
        self._next = self._fork()
        return True

    def _end(self, running: _Running) -> None:
        """Ends the process, tells how it has ended, and forgets it."""
        for descriptor in running.descriptors:
            self._poll.unregister(descriptor)
            del self._running[descriptor]
        exit_code = running.forked.end()
        with running.answer, suppress(OSError):  # the gateway may have closed its end
            running.answer.send(b"%d\n" % exit_code, socket.MSG_DONTWAIT)

    def _fork(self) -> _Forked:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            pid = os.fork()
            if pid == 0:
                _run_and_exit(theirs, self._folder)
            return _Forked(pid, os.pidfd_open(pid), ours)


def _run_and_exit(tasks: socket.socket, folder: Path) -> None:
    """Confines this process, which has just been forked, waits for its task, answers it, and ends."""
    exit_code = 1
    try:
        _close_all_but(tasks.fileno())
        with suppress(OSError):  # the first to go if the machine has no memory left
            Path("/proc/self/oom_score_adj").write_text("1000")
        confine(_limits(_MAX_BYTES, None, _MAX_BYTES), writable=[folder], children=False)
        prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        data, descriptors, _, _ = socket.recv_fds(tasks, MAX_TASK_BYTES, 1)
        if data:
            answer = _answer(Task(**json.loads(data)))
            socket.socket(fileno=descriptors[0]).sendall(answer + b"\n")
        exit_code = 0
    finally:
        os._exit(exit_code)


def _answer(task: Task) -> bytes:
    os.nice(task.niceness)
    _limits(task.memory_bytes, task.cpu_seconds, task.file_bytes).apply()
    folder = Path(task.folder)
    with suppress(OSError):  # `confine` has told that the kernel cannot
        restrict_files(FileAccess(listable=(), runnable=tuple(code_paths()), writable=(folder,), devices=()))
    limits = MediaLimits(task.max_bytes, task.max_pixels, task.max_seconds)
    return inspect(folder / task.name, limits, sound_only=task.sound_only)


def _limits(memory_bytes: int, cpu_seconds: int | None, file_bytes: int) -> Limits:
    return Limits(
        memory_bytes=memory_bytes,
        cpu_seconds=cpu_seconds,
        open_files=_OPEN_FILES,
        file_bytes=file_bytes,
    )


def _close_all_but(kept: int) -> None:
    """Closes what was inherited: the sockets of other files' processes among it. Nothing is printed."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))


def _warm_up() -> None:
    """Imports what decoders import when they are first used, or every process would do it again."""
    Image.init()
    with tempfile.TemporaryDirectory(prefix="likeness-warm-") as folder:
        path = Path(folder) / "picture"
        for kind in ("PNG", "WEBP", "JPEG"):
            Image.new("RGB", _WARM_PIXELS).save(path, kind)
            inspect(path, MediaLimits(_MAX_BYTES, _MAX_BYTES, 1.0))


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the gateway, which ends this process
    _warm_up()
    gc.freeze()
    Template(control, Path(tempfile.gettempdir())).serve()
    os._exit(0)  # the interpreter's own end would free every object first


if __name__ == "__main__":
    main()
