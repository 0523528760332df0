import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import psutil
import pytest

from services.mux.engines.ffmpeg.process import Ffmpeg, FfmpegFailed, fractions

HUNG = """#!/bin/sh
echo out_time_us=1
exec sleep 600
"""
RUN = """
import sys
from services.mux.engines.ffmpeg.process import Ffmpeg

for _ in Ffmpeg(sys.argv[1]).run([], 1.0):
    print("running", flush=True)
"""


@pytest.fixture
def hung(tmp_path: Path) -> str:
    """Writes an ffmpeg that starts well and then neither ends nor writes."""
    script = tmp_path / "ffmpeg"
    script.write_text(HUNG)
    script.chmod(0o755)
    return str(script)


def test_fractions_are_read_from_progress() -> None:
    lines = [f"out_time_us={value}\n" for value in ("N/A", "-5", "500000", "9000000")]
    assert list(fractions(["frame=1\n", *lines], 2.0)) == [0.0, 0.25, 1.0]


def test_a_failure_shows_the_log_of_ffmpeg() -> None:
    ffmpeg = Ffmpeg(imageio_ffmpeg.get_ffmpeg_exe())
    with pytest.raises(FfmpegFailed, match="No such file or directory"):
        list(ffmpeg.run(["-i", "file:/nonexistent", "-f", "null", "-"], 1.0))


@pytest.mark.timeout(60)
def test_closing_kills_a_hung_ffmpeg(hung: str) -> None:
    before = set(psutil.Process().children())
    running = Ffmpeg(hung).run([], 1.0)
    next(running)
    children = set(psutil.Process().children()) - before
    running.close()
    assert children and not any(child.is_running() for child in children)


def test_a_killed_process_leaves_no_ffmpeg_running(hung: str) -> None:
    with subprocess.Popen([sys.executable, "-c", RUN, hung], stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        host.stdout.readline()
        children = psutil.Process(host.pid).children()
        host.kill()
    assert children and psutil.wait_procs(children, timeout=10)[1] == []
