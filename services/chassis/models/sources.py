"""Fetches archives: with the registries' own clients, or from a folder."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from services.chassis.errors import LikenessError
from services.chassis.models.cache import sha256_of
from services.chassis.models.catalogue import Archive

Report = Callable[[Archive, int], None]
"""Is told of an archive how many of its bytes are here."""
CommandOf = Callable[[Archive, Path], Sequence[str]]
"""Returns the command that downloads an archive into a folder."""
POLL_SECONDS = 0.25
CLIENT_NAMES = {"pypi": "pip", "npm": "npm"}
_ERROR_CHARACTERS = 300


class PullFailed(LikenessError):
    """Raised if an archive cannot be fetched, or is not the one that the catalogue names."""


class Source(Protocol):
    """Brings archives."""

    def fetch(self, archive: Archive, destination: Path, report: Report) -> None:
        """Writes the archive to `destination`, checked by its hash. Raises `PullFailed`."""
        ...


def pip_command(archive: Archive, folder: Path) -> Sequence[str]:
    """Returns the command by which pip downloads a wheel, from the index that this machine has for it."""
    options = ["--no-deps", "--only-binary=:all:", "--quiet", "--disable-pip-version-check"]
    requirement = f"{archive.package}=={archive.version}"
    return [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), requirement]


def npm_command(archive: Archive, folder: Path) -> Sequence[str]:
    """Returns the command by which npm downloads a tarball, from the registry that this machine has."""
    return [
        "npm",
        "pack",
        "--silent",
        "--pack-destination",
        str(folder),
        f"{archive.package}@{archive.version}",
    ]


class RegistryClients:
    """Runs pip and npm, which know the machine's indexes, proxies, certificates and passwords."""

    def __init__(self, commands: Mapping[str, CommandOf] | None = None) -> None:
        self._commands = commands or {"pypi": pip_command, "npm": npm_command}

    def fetch(self, archive: Archive, destination: Path, report: Report) -> None:
        with tempfile.TemporaryDirectory(dir=destination.parent, prefix="pull-") as name:
            folder = Path(name)
            self._run(archive, folder, lambda: report(archive, min(_largest(folder), archive.bytes)))
            found = folder / archive.name
            if not found.is_file():
                raise PullFailed(f"{archive.registry} sent no {archive.name} for {_requirement(archive)}.")
            _check(archive, found)
            found.replace(destination)

    def _run(self, archive: Archive, folder: Path, poll: Callable[[], None]) -> None:
        """Runs the client in a folder that also holds its temporary files, whose growth is the progress."""
        command = self._commands[archive.registry](archive, folder)
        errors = folder / "errors.txt"
        with errors.open("wb") as stderr:
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=stderr,
                    env=os.environ | {"TMPDIR": str(folder)},
                )
            except OSError as error:
                raise PullFailed(_advice(archive, f"{command[0]}: {error.strerror}")) from error
            with process:
                _wait(process, poll)
        if process.returncode:
            raise PullFailed(_advice(archive, errors.read_text(errors="replace")))


class ArchiveFolder:
    """Takes archives that were downloaded before from a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, archive: Archive, destination: Path, report: Report) -> None:
        found = self._folder / archive.name
        if not found.is_file():
            raise PullFailed(f"{self._folder} has no {archive.name}. {_by_hand(archive)}")
        _check(archive, found)
        shutil.copyfile(found, destination)
        report(archive, archive.bytes)


def _wait(process: subprocess.Popen[bytes], poll: Callable[[], None]) -> None:
    """Waits for a process and calls `poll` meanwhile. Ends the process if it is interrupted."""
    try:
        while True:
            try:
                process.wait(POLL_SECONDS)
            except subprocess.TimeoutExpired:
                poll()
            else:
                return
    except BaseException:
        process.kill()
        raise


def _check(archive: Archive, path: Path) -> None:
    if sha256_of(path) != archive.sha256:
        raise PullFailed(
            f"{path.name} has other bytes than the catalogue says (sha256 {archive.sha256}), so it is not "
            "used. Pull again; if it stays so, the index of this machine serves another file under that name."
        )


def _largest(folder: Path) -> int:
    """Returns the size of the largest file below a folder."""
    sizes = [0]
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # the client may have removed it by now
                sizes.append(Path(parent, name).stat().st_size)
    return max(sizes)


def _requirement(archive: Archive) -> str:
    return f"{archive.package} {archive.version}"


def _advice(archive: Archive, errors: str) -> str:
    """Returns the message for a client that failed, with the end of what it said."""
    said = " ".join(errors.split())[-_ERROR_CHARACTERS:]
    client = CLIENT_NAMES[archive.registry]
    return f"{client} could not download {_requirement(archive)} ({said}). {_by_hand(archive)}"


def _by_hand(archive: Archive) -> str:
    """Returns how to bring an archive from another machine."""
    command = {
        "pypi": f"pip download --no-deps {archive.package}=={archive.version}",
        "npm": f"npm pack {archive.package}@{archive.version}",
    }[archive.registry]
    return f"On a machine that can, run `{command}`, and pull with --from and the folder of the file."
