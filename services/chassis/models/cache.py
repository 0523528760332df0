"""Finds, checks and removes the models on this machine."""

import hashlib
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from services.chassis.errors import EngineUnavailable
from services.chassis.models.catalogue import Model, ModelFile, find_model

CACHE_VARIABLE = "LIKENESS_MODEL_CACHE"
"""Names the folder of all models."""


class ModelMissing(EngineUnavailable):
    """Raised if a model is not on this machine, or not whole. The message ends with the command for it."""


class CacheUnusable(EngineUnavailable):
    """Raised if a file or folder of the models cannot be read, written or removed."""


class ModelState(StrEnum):
    """How much of a model is on this machine."""

    READY = "ready"
    INCOMPLETE = "incomplete"
    ABSENT = "absent"


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the folder of all models, which need not exist."""
    if named := environment.get(CACHE_VARIABLE):
        return Path(named).expanduser().absolute()
    caches = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches, "likeness", "models")


def model_folder(name: str) -> Path:
    """Returns the folder of a model's files, whose sizes have been compared.

    Raises `ModelMissing`, whose message ends with the command `likeness models pull NAME`.
    """
    model, folder = find_model(name), cache_folder() / name
    if state_of(model, folder) is not ModelState.READY:
        raise ModelMissing(
            f"The model {name} is not on this machine, or not whole ({folder}). "
            f"Run: likeness models pull {name}"
        )
    return folder


def state_of(model: Model, folder: Path) -> ModelState:
    """Tells how much of the model is in its folder, by the sizes of its files. Raises `CacheUnusable`."""
    with cache_errors(folder):
        whole = [_size(folder / file.path) == file.bytes for file in model.files]
    if all(whole):
        return ModelState.READY
    return ModelState.INCOMPLETE if any(whole) else ModelState.ABSENT


def damaged_files(model: Model, folder: Path) -> list[ModelFile]:
    """Returns the files that are missing or have other bytes than the catalogue says.

    Raises `CacheUnusable`.
    """
    with cache_errors(folder):
        return [file for file in model.files if not _is_intact(file, folder / file.path)]


def remove_folder(folder: Path) -> None:
    """Removes a folder with all that is in it; does nothing if it is absent. Raises `CacheUnusable`."""
    with cache_errors(folder):
        if folder.exists():
            shutil.rmtree(folder)


@contextmanager
def cache_errors(folder: Path) -> Generator[None]:
    """Raises `CacheUnusable` in place of an error of the operating system, with the path and the reason."""
    try:
        yield
    except OSError as error:
        raise CacheUnusable(
            f"Cannot use {error.filename or folder}: {error.strerror or error}. Free space there, change "
            f"its rights or move it away, or name another folder for models in {CACHE_VARIABLE}."
        ) from error


def sha256_of(path: Path) -> str:
    """Returns the hash of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_intact(file: ModelFile, path: Path) -> bool:
    return _size(path) == file.bytes and sha256_of(path) == file.sha256


def _size(path: Path) -> int:
    """Returns the size of a file; -1 if there is none."""
    return path.stat().st_size if path.is_file() else -1
