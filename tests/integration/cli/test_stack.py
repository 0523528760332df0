"""`likeness up`, `status` and `down`, run as a user runs them, with all services."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

UP_SECONDS = 150.0


def likeness(*arguments: str | Path, packages: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Runs a command without LIKENESS_ variables, with the packages of a folder beside the installed ones."""
    argv = [sys.executable, "-m", "services.cli", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")}
    if packages is not None:
        environment["PYTHONPATH"] = str(packages)
    return subprocess.run(
        argv, capture_output=True, text=True, env=environment, timeout=UP_SECONDS, check=False
    )


def status(data: Path) -> dict[str, Any]:
    return json.loads(likeness("status", "--data", data, "--json").stdout)


def processes(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {process["name"]: process for process in found["processes"]}


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    yield folder
    likeness("down", "--data", folder)


def test_a_stack_starts_restarts_a_killed_service_stops_and_keeps_its_data(data: Path) -> None:
    up = likeness("up", "--data", data, "--detach")
    assert up.returncode == 0, up.stderr
    assert "starting PostgreSQL, NATS and S3" in up.stderr
    assert f"`likeness down --data {data}` stops it" in up.stderr
    first = status(data)
    assert first["database_url"] in up.stdout
    assert {engine["service"] for engine in first["engines"]} == {"tts", "voice", "video", "mux"}
    assert {process["health"] for process in first["processes"]} == {"ok"}
    assert first["url"] in up.stdout

    second = likeness("up", "--data", data)
    assert second.returncode == 1
    assert f"already running on {data}: see `likeness status --data {data}`" in second.stderr

    killed = processes(first)["mux"]["pid"]
    os.kill(killed, signal.SIGKILL)
    until(lambda: processes(status(data))["mux"]["restarts"] == 1)
    until(lambda: processes(status(data))["mux"]["health"] == "ok")

    family = psutil.Process(first["processes"][0]["pid"]).children(recursive=True)
    down = likeness("down", "--data", data)
    assert down.returncode == 0, down.stderr
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    assert likeness("status", "--data", data).returncode == 1

    again = likeness("up", "--data", data, "--detach")
    assert again.returncode == 0, again.stderr
    assert key_in(again.stdout) == key_in(up.stdout)
    assert {len(engine["workers"]) for engine in status(data)["engines"]} == {1}, "those of before have ended"
    assert status(data)["url"] == first["url"]


def key_in(output: str) -> str:
    (line,) = (line for line in output.splitlines() if line.startswith("API key"))
    return line.split()[-1]


def test_a_stack_that_cannot_start_reports_the_error_and_leaves_no_process(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("9.6\n")

    up = likeness("up", "--data", data, "--detach")

    assert up.returncode == 1
    assert "is of PostgreSQL 9.6" in up.stderr
    assert not (data / "stack.json").exists()
    assert [
        p for p in psutil.process_iter(["cmdline"]) if str(data) in " ".join(p.info["cmdline"] or [])
    ] == []


def test_a_service_of_an_installed_package_is_started_and_waited_for(data: Path, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    metadata = packages / "dubbing-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: dubbing\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[likeness.services]\ndubbing = dubbing_entry:ENTRY\n")
    (packages / "dubbing_entry.py").write_text(
        "from services.chassis.service_list import ServiceEntry\n"
        "ENTRY = ServiceEntry('dubbing', 'dubbing_service', 'google.protobuf.empty_pb2:Empty')\n"
    )
    (packages / "dubbing_service.py").write_text(
        "import os\nraise SystemExit(f'no voice at {os.environ[\"LIKENESS_GRPC_SOCKET\"]}')\n"
    )

    up = likeness("up", "--data", data, "--detach", packages=packages)

    assert up.returncode == 1
    assert "mux and dubbing services" in up.stderr
    assert "error: dubbing dies again and again" in up.stderr
    assert f"no voice at {data}/sockets/dubbing.grpc" in up.stderr
