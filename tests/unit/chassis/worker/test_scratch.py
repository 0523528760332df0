"""Whose folder a worker may remove: of those that have died, and of no other."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.chassis.worker.scratch import scratch_folder

WORKER = """
import sys
from services.chassis.worker.scratch import scratch_folder

with scratch_folder(sys.argv[1], "mux") as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@contextmanager
def worker(parent: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process with a folder of its own."""
    command = [sys.executable, "-c", WORKER, str(parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_it_goes_with_all_that_is_in_it(tmp_path: Path):
    with scratch_folder(str(tmp_path / "new"), "mux") as folder:
        (folder / "stage").mkdir()
        (folder / "stage/speech.wav").write_bytes(b"RIFF")
    assert list((tmp_path / "new").iterdir()) == []


def test_what_a_killed_worker_has_left_is_removed(tmp_path: Path):
    with worker(tmp_path) as (process, left):
        (left / "speech.wav").write_bytes(b"RIFF")
        process.kill()
        process.wait()
    assert left.is_dir()
    with scratch_folder(str(tmp_path), "mux") as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_a_living_workers_folder_stays(tmp_path: Path):
    with worker(tmp_path) as (_, other), scratch_folder(str(tmp_path), "mux") as folder:
        assert {other, folder} == set(tmp_path.iterdir())


def test_another_services_folder_stays(tmp_path: Path):
    left = tmp_path / "likeness-tts-abc"
    left.mkdir()
    with scratch_folder(str(tmp_path), "mux"):
        assert left.is_dir()


def test_a_folder_with_the_number_of_a_living_process_is_left_all_the_same(tmp_path: Path):
    """The system gives a dead worker's number to another process."""
    with worker(tmp_path / "elsewhere") as (process, _):
        left = tmp_path / f"likeness-mux-{process.pid}-abc"
        left.mkdir()
        with scratch_folder(str(tmp_path), "mux") as folder:
            assert list(tmp_path.glob("likeness-*")) == [folder]
