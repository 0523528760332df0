"""What a running stack tells about itself, in `stack.json`; and whether that is still true."""

import dataclasses
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from services.cli.stack.data_folder import write_private

Phase = Literal["starting", "ready", "stopping"]
CLOCK_SLACK_SECONDS = 2.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """A process number alone may be another's by now; with its birth it is one process."""

    pid: int
    born: float

    def is_alive(self) -> bool:
        import psutil

        try:
            process = psutil.Process(self.pid)
            return (
                abs(process.create_time() - self.born) < CLOCK_SLACK_SECONDS
                and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.NoSuchProcess:
            return False

    def wait_for_end(self, seconds: float) -> bool:
        """Whether it has ended in time. One that nobody reaps, as in a container without init, has."""
        deadline = time.monotonic() + seconds
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True


def mark(pid: int) -> ProcessMark | None:
    """None if it is gone already."""
    import psutil

    try:
        return ProcessMark(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


@dataclass(frozen=True, slots=True)
class PartState:
    name: str
    process: ProcessMark | None
    started_at: float | None
    restarts: int
    ports: dict[str, int]


@dataclass(frozen=True, slots=True)
class StackState:
    supervisor: ProcessMark
    phase: Phase
    one_off: bool
    """Started by a single `render` or `demo`, and stopped with it."""
    url: str
    s3_url: str
    nats_address: str
    database_url: str
    data: str
    trace_file: str
    started_at: float
    parts: list[PartState] = field(default_factory=list)

    @property
    def docs_url(self) -> str:
        return f"{self.url}/docs"

    def is_alive(self) -> bool:
        return self.supervisor.is_alive()


def save_state(path: Path, state: StackState) -> None:
    write_private(path, json.dumps(dataclasses.asdict(state), indent=2) + "\n")


def load_state(path: Path) -> StackState | None:
    """What the last stack has written; None if it has stopped in order. Ask `is_alive` whether it runs."""
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return StackState(
        **{
            **found,
            "supervisor": ProcessMark(**found["supervisor"]),
            "parts": [_part(part) for part in found["parts"]],
        }
    )


def running_state(path: Path) -> StackState | None:
    state = load_state(path)
    return state if state is not None and state.is_alive() else None


def _part(found: dict[str, Any]) -> PartState:
    process = found["process"]
    return PartState(**{**found, "process": process and ProcessMark(**process)})
