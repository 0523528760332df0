"""Starts and stops a whole stack with the commands that users run."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

LIKENESS = (sys.executable, "-m", "services.cli")
START_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack: its data folder, trace file, URL and API key."""

    data: Path
    trace_file: Path
    url: str
    api_key: str

    def status(self) -> dict[str, Any]:
        return json.loads(run("status", "--data", self.data, "--json").stdout)

    def processes(self) -> dict[str, psutil.Process]:
        return {each["name"]: psutil.Process(each["pid"]) for each in self.status()["processes"]}

    def process(self, name: str) -> psutil.Process:
        return self.processes()[name]

    def engine_processes(self, service: str) -> list[psutil.Process]:
        return engines_of(self.process(service))


def engines_of(worker: psutil.Process) -> list[psutil.Process]:
    """Returns the child processes in which the worker's engines run."""
    return [child for child in worker.children() if "services.chassis.engine_host.child" in child.cmdline()]


def start(data: Path, variables: Mapping[str, str]) -> Stack:
    trace_file = data / "trace.jsonl"
    data.mkdir(parents=True, exist_ok=True)
    run("up", "--detach", "--data", data, "--trace-file", trace_file, variables=variables)
    status = json.loads(run("status", "--data", data, "--json").stdout)
    return Stack(data, trace_file, status["url"], status["api_key"])


def stop(data: Path) -> None:
    run("down", "--data", data)


def run(
    *arguments: str | Path, variables: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs one `likeness` command; raises RuntimeError with its output if it fails."""
    done = subprocess.run(
        [*LIKENESS, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        env={**os.environ, **(variables or {})},
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"likeness {arguments[0]}: {done.stdout}\n{done.stderr}")
    return done
