"""Removal of scratch folders: those of dead workers, and no others."""

import subprocess
import sys
from collections.abc import Generator
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
def worker(parent: Path) -> Generator[tuple[subprocess.Popen[str], Path]]:
    """Runs another process with a scratch folder of its own."""
    command = [sys.executable, "-c", WORKER, str(parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_the_folder_is_removed_with_its_content(tmp_path: Path):
    with scratch_folder(str(tmp_path / "new"), "mux") as folder:
        (folder / "stage").mkdir()
        (folder / "stage/speech.wav").write_bytes(b"RIFF")
    assert list((tmp_path / "new").iterdir()) == []


def test_the_folder_of_a_killed_worker_is_removed(tmp_path: Path):
    with worker(tmp_path) as (process, left):
        (left / "speech.wav").write_bytes(b"RIFF")
        process.kill()
        process.wait()
    assert left.is_dir()
    with scratch_folder(str(tmp_path), "mux") as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_the_folder_of_a_live_worker_stays(tmp_path: Path):
    with worker(tmp_path) as (_, other), scratch_folder(str(tmp_path), "mux") as folder:
        assert {other, folder} == set(tmp_path.iterdir())


def test_the_folder_of_another_service_stays(tmp_path: Path):
    left = tmp_path / "likeness-tts-abc"
    left.mkdir()
    with scratch_folder(str(tmp_path), "mux"):
        assert left.is_dir()


def test_a_folder_named_after_a_live_process_is_removed_nevertheless(tmp_path: Path):
    """The system gives a dead worker's process id to another process."""
    with worker(tmp_path / "elsewhere") as (process, _):
        left = tmp_path / f"likeness-mux-{process.pid}-abc"
        left.mkdir()
        with scratch_folder(str(tmp_path), "mux") as folder:
            assert list(tmp_path.glob("likeness-*")) == [folder]
