"""An engine that executes the command in its request, so that tests can cause any behaviour."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Progress
from services.chassis.errors import EngineUnavailable, FaceNotFound

POLL_SECONDS = 0.01
MEMORY_MB = 128
HOLD_MEMORY = f"held = bytes([1]) * ({MEMORY_MB} << 20); import time; time.sleep(600)"


@dataclass(frozen=True, slots=True)
class Command:
    """A request: `name` is the method to call, `path` its argument."""

    name: str
    path: Path = Path()


class ScriptedEngine:
    """Has a method for each command."""

    spec = EngineSpec(service="test", name="scripted", version="1", limits=EngineLimits(memory_mb=MEMORY_MB))

    def open(self) -> None:
        sys.stdout.write("the engine opens\n")

    def close(self) -> None:
        pass

    def execute(self, command: Command) -> Iterator[Progress | str]:
        yield from getattr(self, command.name)(command.path)

    def count(self, path: Path) -> Iterator[Progress | str]:
        for step in range(3):
            yield Progress(step / 2)
        yield "done"

    def read(self, path: Path) -> Iterator[str]:
        yield path.read_text()

    def flood(self, path: Path) -> Iterator[str]:
        """Writes to a file how many large items were consumed."""
        for number in range(1000):
            yield "x" * (1 << 16)
            path.write_text(str(number + 1))

    def refuse(self, path: Path) -> Iterator[Progress]:
        yield Progress(0.1)
        raise FaceNotFound("There is no face in the picture.")

    def fail(self, path: Path) -> Iterator[str]:
        raise ValueError("a defect")

    def exhaust(self, path: Path) -> Iterator[str]:
        raise MemoryError

    def hold(self, path: Path) -> Iterator[str]:
        """Holds more memory than its bound, in a process of its own."""
        subprocess.run([sys.executable, "-c", HOLD_MEMORY], check=False)
        yield "never"

    def hold_in_an_orphan(self, path: Path) -> Iterator[str]:
        """Holds more memory than its bound, in a process whose parent has ended."""
        subprocess.run(["sh", "-c", f"{sys.executable} -c '{HOLD_MEMORY}' &"], check=True)
        signal.pause()
        yield "never"

    def allocate(self, path: Path) -> Iterator[str]:
        """Allocates more memory than its bound at once."""
        yield str(len(bytearray(2 * MEMORY_MB << 20)))

    def write_log(self, path: Path) -> Iterator[str]:
        """Never stops writing into its log."""
        while True:
            sys.stderr.write("x" * 1023 + "\n")
        yield "never"

    def environment(self, path: Path) -> Iterator[str]:
        yield " ".join(sorted(os.environ))

    def crash(self, path: Path) -> Iterator[Progress]:
        sys.stderr.write("about to touch address zero\n")
        yield Progress(0.1)
        ctypes.string_at(0)

    def be_killed(self, path: Path) -> Iterator[str]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield "never"

    def leave(self, path: Path) -> Iterator[str]:
        os._exit(3)
        yield "never"

    def wait(self, path: Path) -> Iterator[Progress | str]:
        """Yields its process id and that of a child of its own, then waits for the file."""
        child = subprocess.Popen(["sleep", "600"])
        pids = f"{os.getpid()} {child.pid}"
        path.with_suffix(".pids").write_text(pids)
        yield pids
        yield Progress(0.5)
        while not path.exists():
            time.sleep(POLL_SECONDS)
        child.kill()
        child.wait()
        yield "waited"

    def spin(self, path: Path) -> Iterator[str]:
        """Never yields the interpreter to anything but signals."""
        yield str(os.getpid())
        while True:
            pass


class UnavailableEngine(ScriptedEngine):
    def open(self) -> None:
        raise EngineUnavailable("The weights are missing. Run: likeness models pull")


class BrokenEngine(ScriptedEngine):
    def open(self) -> None:
        raise OSError("libgpu.so not found")
