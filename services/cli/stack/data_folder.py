"""Names and locks the folder in which a stack keeps its data. One stack at a time holds the lock."""

import fcntl
import os
import shlex
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.cli.errors import AlreadyRunning, StackError


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The paths inside the data folder of a stack."""

    root: Path
    named: bool = False
    """Whether --data named it. Then commands without --data mean another folder."""

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
        """Returns the command `likeness name` with the options that make it mean this folder."""
        return f"likeness {name} --data {shlex.quote(str(self.root))}" if self.named else f"likeness {name}"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def create(self) -> None:
        """Creates the folder, which only its owner can list and read.

        Raises StackError if it cannot be written.
        """
        try:
            create_private(self.logs)
            self.root.chmod(self.root.stat().st_mode & ~0o066)
        except OSError as exc:
            raise StackError(
                f"Cannot write to {self.root}: {exc.strerror}. Choose another folder with --data."
            ) from exc

    def rotate_logs(self) -> None:
        """Renames the logs of the last start, so that they are kept beside those of this one."""
        for log in self.logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))

    @contextmanager
    def lock(self) -> Generator[None]:
        """Holds the lock until the block ends or the process dies, even by SIGKILL.

        Raises AlreadyRunning if another stack holds it.
        """
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
    """Creates a folder and its parents if they are missing; only its owner may enter it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Writes a file atomically; only its owner can read it at any time.

    Raises OSError, such as on a full disk; then the file is what it was.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
