"""Reads the catalogue: the models that engines use, their files, and the archives that these come from."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from services.chassis.errors import InvalidArgument
from services.chassis.text.did_you_mean import similar


@dataclass(frozen=True, slots=True)
class Archive:
    """A file of a package registry. `name` is its file name, `registry` `pypi` or `npm`."""

    name: str
    registry: str
    package: str
    version: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside of an archive."""

    archive: Archive
    path: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model: its `parts` joined. `path` is relative to the model's folder."""

    path: str
    sha256: str
    bytes: int
    parts: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A model. The packages that its engine imports beside it are those of the pip extra `extra`."""

    name: str
    description: str
    licence: str
    commercial_use: bool
    extra: str
    files: tuple[ModelFile, ...]

    @property
    def bytes(self) -> int:
        """Returns the size of all files."""
        return sum(file.bytes for file in self.files)


@cache
def catalogue() -> Mapping[str, Model]:
    """Returns all models by name."""
    pages = (
        page
        for page in files("services.chassis.models").joinpath("catalogue").iterdir()
        if page.name.endswith(".toml")
    )
    models = [parse_model(page.name.removesuffix(".toml"), page.read_text("utf-8")) for page in pages]
    return {model.name: model for model in sorted(models, key=lambda model: model.name)}


def find_model(name: str) -> Model:
    """Returns the model of that name. Raises `InvalidArgument`."""
    known = catalogue()
    if name not in known:
        nearest = similar(name, known, 1)
        hint = f"Did you mean {nearest[0]!r}?" if nearest else f"It has: {', '.join(known)}."
        raise InvalidArgument(f"The catalogue has no model {name!r}. {hint}")
    return known[name]


def parse_model(name: str, text: str) -> Model:
    """Returns the model that a page of the catalogue describes."""
    page = tomllib.loads(text)
    archives = {each["name"]: Archive(**each) for each in page["archive"]}
    return Model(
        name=name,
        description=page["description"],
        licence=page["licence"],
        commercial_use=page["commercial_use"],
        extra=page["extra"],
        files=tuple(_file_of(each, archives) for each in page["file"]),
    )


def _file_of(entry: Mapping[str, Any], archives: Mapping[str, Archive]) -> ModelFile:
    parts = tuple(Member(archives[archive], path) for archive, path in entry["parts"])
    return ModelFile(entry["path"], entry["sha256"], entry["bytes"], parts)
