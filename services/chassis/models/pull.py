"""Pulls a model: fetches the archives that it lacks, and assembles its files from them."""

import fcntl
import hashlib
import os
import tarfile
import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from services.chassis.errors import LikenessError
from services.chassis.models.cache import cache_errors, damaged_files, remove_folder, sha256_of
from services.chassis.models.catalogue import Archive, Member, Model, ModelFile
from services.chassis.models.sources import PullFailed, Report, Source

ARCHIVES = "archives"
"""Folder of the archives below a model's, until all files are assembled. A later pull goes on with them."""
_CHUNK = 1 << 20


class PullRunning(LikenessError):
    """Raised if another process pulls the same model."""


def pull(model: Model, folder: Path, source: Source, report: Report) -> Sequence[ModelFile]:
    """Completes the folder of a model, and returns the files that were missing or damaged.

    What an earlier pull has fetched is not fetched again. A file appears under its name once its hash
    has been compared. Raises `PullFailed`, `PullRunning` and `CacheUnusable`.
    """
    with cache_errors(folder), _held(folder):
        missing = damaged_files(model, folder)
        archives = archives_of(missing)
        for archive in archives:
            _fetch(archive, folder / ARCHIVES, source, report)
        _assemble(missing, folder)
        remove_folder(folder / ARCHIVES)
        return missing


def archives_of(files: Sequence[ModelFile]) -> Sequence[Archive]:
    """Returns the archives that the files come from, each once."""
    return tuple(dict.fromkeys(part.archive for file in files for part in file.parts))


@contextmanager
def _held(folder: Path) -> Generator[None]:
    """Keeps other processes from pulling into the folder. The kernel ends this with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise PullRunning(f"Another process pulls into {folder}. Wait for it, then pull again.") from error
    finally:
        os.close(descriptor)


def _fetch(archive: Archive, folder: Path, source: Source, report: Report) -> None:
    folder.mkdir(exist_ok=True)
    destination = folder / archive.name
    if not (destination.is_file() and sha256_of(destination) == archive.sha256):
        source.fetch(archive, destination, report)
    report(archive, archive.bytes)


def _assemble(files: Sequence[ModelFile], folder: Path) -> None:
    with ExitStack() as stack:
        opened = {
            archive: stack.enter_context(_opened(folder / ARCHIVES / archive.name))
            for archive in archives_of(files)
        }
        for file in files:
            _write(file, folder / file.path, opened)


def _write(file: ModelFile, path: Path, opened: "dict[Archive, Opened]") -> None:
    """Joins the parts of a file under another name, and renames it if its hash is right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    digest = hashlib.sha256()
    with partial.open("wb") as out:
        for part in file.parts:
            for chunk in _chunks(part, opened[part.archive]):
                digest.update(chunk)
                out.write(chunk)
    if digest.hexdigest() != file.sha256:
        partial.unlink()
        raise PullFailed(f"{file.path}, as assembled, has other bytes than the catalogue says. Report this.")
    partial.replace(path)


Opened = zipfile.ZipFile | tarfile.TarFile


def _opened(path: Path) -> Opened:
    return tarfile.open(path) if path.suffix == ".tgz" else zipfile.ZipFile(path)


def _chunks(part: Member, archive: Opened) -> Iterator[bytes]:
    with _member(part.path, archive) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _member(path: str, archive: Opened) -> IO[bytes]:
    """Opens a file inside of an archive. Raises `PullFailed` if there is none."""
    try:
        found = archive.open(path) if isinstance(archive, zipfile.ZipFile) else archive.extractfile(path)
    except KeyError:
        found = None
    if found is None:
        raise PullFailed(f"The archive has no file {path}. Report this: the catalogue is wrong.")
    return found
