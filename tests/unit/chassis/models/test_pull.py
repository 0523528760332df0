"""Pulling a model: whole, again after an interruption, and what is refused."""

import errno
import os
from pathlib import Path

import pytest

from services.chassis.models.cache import (
    CACHE_VARIABLE,
    CacheUnusable,
    ModelState,
    damaged_files,
    remove_folder,
    state_of,
)
from services.chassis.models.catalogue import Archive, Model
from services.chassis.models.pull import ARCHIVES, PullRunning, pull
from services.chassis.models.sources import ArchiveFolder, PullFailed, Report
from tests.unit.chassis.models.archives import VOICE, WHOLE, build_model

NO_SPACE = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class FakeSource:
    """Takes archives from a folder, notes their names, and fails after `most` of them."""

    def __init__(self, folder: Path, most: int = 9) -> None:
        self._folder = ArchiveFolder(folder)
        self._most = most
        self.fetched: list[str] = []

    def fetch(self, archive: Archive, destination: Path, report: Report) -> None:
        if len(self.fetched) == self._most:
            raise PullFailed("The line is dead.")
        self.fetched.append(archive.name)
        self._folder.fetch(archive, destination, report)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return build_model(tmp_path / "index")


def ignore(_archive: Archive, _done: int) -> None:
    """Shows no progress."""


def test_a_model_is_joined_from_its_archives_which_are_dropped(model: Model, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    assert state_of(model, folder) is ModelState.ABSENT

    pulled = pull(model, folder, FakeSource(tmp_path / "index"), ignore)

    assert [file.path for file in pulled] == ["model.onnx", "voices/anna.bin"]
    assert (folder / "model.onnx").read_bytes() == WHOLE
    assert (folder / "voices/anna.bin").read_bytes() == VOICE
    assert state_of(model, folder) is ModelState.READY
    assert not (folder / ARCHIVES).exists()


def test_the_bytes_that_are_here_are_reported(model: Model, tmp_path: Path) -> None:
    reports: dict[str, int] = {}

    def note(archive: Archive, done: int) -> None:
        reports[archive.name] = done

    pull(model, tmp_path / "small", FakeSource(tmp_path / "index"), note)
    assert reports == {path.name: path.stat().st_size for path in (tmp_path / "index").iterdir()}


def test_a_pull_goes_on_with_the_archives_of_an_earlier_one(model: Model, tmp_path: Path) -> None:
    folder, first, second = tmp_path / "small", *(FakeSource(tmp_path / "index", most) for most in (2, 9))
    with pytest.raises(PullFailed, match="dead"):
        pull(model, folder, first, ignore)
    (folder / ARCHIVES / "part_1-1.whl").write_bytes(b"cut off")

    pull(model, folder, second, ignore)
    assert (first.fetched, second.fetched) == (
        ["part_0-1.whl", "part_1-1.whl"],
        ["part_1-1.whl", "voices-1.tgz"],
    )
    assert not damaged_files(model, folder)


def test_a_damaged_file_alone_is_pulled_again(model: Model, tmp_path: Path) -> None:
    folder, again, whole = tmp_path / "small", *(FakeSource(tmp_path / "index") for _ in range(2))
    pull(model, folder, FakeSource(tmp_path / "index"), ignore)
    (folder / "voices/anna.bin").write_bytes(VOICE[::-1])
    assert state_of(model, folder) is ModelState.READY  # sizes alone do not show it
    assert [file.path for file in damaged_files(model, folder)] == ["voices/anna.bin"]

    assert [file.path for file in pull(model, folder, again, ignore)] == ["voices/anna.bin"]
    assert again.fetched == ["voices-1.tgz"]
    assert not pull(model, folder, whole, ignore)
    assert not whole.fetched


def test_a_model_without_one_of_its_files_is_incomplete(model: Model, tmp_path: Path) -> None:
    pull(model, tmp_path / "small", FakeSource(tmp_path / "index"), ignore)
    (tmp_path / "small/model.onnx").unlink()
    assert state_of(model, tmp_path / "small") is ModelState.INCOMPLETE


def test_a_file_of_other_bytes_than_the_catalogue_says_is_not_kept(tmp_path: Path) -> None:
    model = build_model(tmp_path / "index", whole=WHOLE[::-1])
    with pytest.raises(PullFailed, match=r"model\.onnx.*other bytes"):
        pull(model, tmp_path / "small", FakeSource(tmp_path / "index"), ignore)
    assert [path.name for path in (tmp_path / "small").iterdir()] == [ARCHIVES]


def test_an_archive_of_other_bytes_than_the_catalogue_says_is_refused(model: Model, tmp_path: Path) -> None:
    (tmp_path / "index/part_0-1.whl").write_bytes(b"other")
    with pytest.raises(PullFailed, match=r"part_0-1\.whl has other bytes"):
        pull(model, tmp_path / "small", FakeSource(tmp_path / "index"), ignore)


def test_a_model_is_pulled_by_one_process_at_a_time(model: Model, tmp_path: Path) -> None:
    folder, index = tmp_path / "small", tmp_path / "index"

    class PullsAsWell(FakeSource):
        def fetch(self, archive: Archive, destination: Path, report: Report) -> None:
            with pytest.raises(PullRunning, match="Wait for it"):
                pull(model, folder, FakeSource(index), ignore)
            super().fetch(archive, destination, report)

    source = PullsAsWell(index)
    pull(model, folder, source, ignore)
    assert len(source.fetched) == 3


def test_a_model_is_removed_with_what_a_pull_has_left(model: Model, tmp_path: Path) -> None:
    with pytest.raises(PullFailed):
        pull(model, tmp_path / "small", FakeSource(tmp_path / "index", most=1), ignore)
    remove_folder(tmp_path / "small")
    assert not (tmp_path / "small").exists()
    remove_folder(tmp_path / "small")


def test_a_folder_that_cannot_be_used_is_named_with_the_reason(model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "loop").symlink_to("loop")
    for folder in (tmp_path / "file", tmp_path / "file/small", tmp_path / "loop/small"):
        with pytest.raises(CacheUnusable, match=rf"Cannot use {folder}: .+{CACHE_VARIABLE}"):
            pull(model, folder, FakeSource(tmp_path / "index"), ignore)
    with pytest.raises(CacheUnusable, match=f"Cannot use {tmp_path}/file: Not a directory"):
        remove_folder(tmp_path / "file")


def test_a_full_disk_is_named_with_the_folder(model: Model, tmp_path: Path) -> None:
    class FullDisk(FakeSource):
        def fetch(self, archive: Archive, destination: Path, report: Report) -> None:
            raise NO_SPACE

    with pytest.raises(CacheUnusable, match=f"Cannot use {tmp_path}/small: No space left"):
        pull(model, tmp_path / "small", FullDisk(tmp_path / "index"), ignore)
