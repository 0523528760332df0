"""Where a stack keeps what it must find again, and the lock that gives it to one stack at a time."""

import fcntl
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.cli.errors import AlreadyRunning, StackError


@dataclass(frozen=True, slots=True)
class DataFolder:
    root: Path
    named: bool = False
    """With --data, so that a command without it means another folder."""

    @property
    def credentials(self) -> Path:
        return self.root / "credentials.json"

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def state(self) -> Path:
        return self.root / "stack.json"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def command(self, name: str) -> str:
        """`likeness name`, as it must be typed to mean this folder."""
        return f"likeness {name} --data {shlex.quote(str(self.root))}" if self.named else f"likeness {name}"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def create(self) -> None:
        """Only its owner can list it or read what is in it. Raises StackError if it cannot be written."""
        try:
            create_private(self.logs)
            self.root.chmod(self.root.stat().st_mode & ~0o066)
        except OSError as exc:
            raise StackError(
                f"Cannot write to {self.root}: {exc.strerror}. Choose another folder with --data."
            ) from exc

    def rotate_logs(self) -> None:
        """Keeps the logs of the last start beside those of this one."""
        for log in self.logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held until the block ends or the process dies, however it dies."""
        descriptor = os.open(self.root / "stack.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                raise AlreadyRunning(
                    f"A stack is already running on {self.root}: see `{self.command('status')}`, "
                    f"stop it with `{self.command('down')}`, or choose another folder with --data."
                ) from exc
            yield
        finally:
            os.close(descriptor)


def create_private(folder: Path) -> None:
    """Makes it, with those above, if it is missing; nobody else may enter it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Replaces the file at once; only its owner can ever read it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
