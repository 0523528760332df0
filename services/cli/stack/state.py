"""Stores the state of a running stack in `stack.json`, and tells whether it still runs."""

import dataclasses
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from services.cli.stack.data_folder import write_private

Phase = Literal["starting", "ready", "stopping"]
CLOCK_SLACK_SECONDS = 2.0
POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """A process id with the process's start time. The id alone may be another process's by now."""

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
        """Waits for the end of the process and returns whether it came in time.

        A zombie counts as ended: in a container without init no process reaps it.
        """
        deadline = time.monotonic() + seconds
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True


def mark(pid: int) -> ProcessMark | None:
    """Returns the mark of a process; `None` if it has ended."""
    import psutil

    try:
        return ProcessMark(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


@dataclass(frozen=True, slots=True)
class PartState:
    """A server or service of a running stack."""

    name: str
    process: ProcessMark | None
    started_at: float | None
    restarts: int
    ports: dict[str, int]


@dataclass(frozen=True, slots=True)
class StackState:
    """The processes, ports and URLs of a running stack. Holds no secrets."""

    supervisor: ProcessMark
    phase: Phase
    one_off: bool
    """Whether it was started by a single `render` or `demo`, which stops it."""
    url: str
    s3_url: str
    nats_address: str
    database_url: str
    data: str
    trace_file: str
    started_at: float
    parts: list[PartState] = field(default_factory=list[PartState])

    @property
    def docs_url(self) -> str:
        return f"{self.url}/docs"

    def is_alive(self) -> bool:
        return self.supervisor.is_alive()


def save_state(path: Path, state: StackState) -> None:
    write_private(path, json.dumps(dataclasses.asdict(state), indent=2) + "\n")


def load_state(path: Path) -> StackState | None:
    """Returns the state that the last stack has stored; `None` if it was stopped in order.

    `is_alive` tells whether that stack still runs.
    """
    try:
        stored: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    supervisor, parts = stored.pop("supervisor"), stored.pop("parts")
    return StackState(supervisor=ProcessMark(**supervisor), parts=[_part(part) for part in parts], **stored)


def running_state(path: Path) -> StackState | None:
    """Returns the state of the running stack; `None` if none runs."""
    state = load_state(path)
    return state if state is not None and state.is_alive() else None


def _part(stored: dict[str, Any]) -> PartState:
    process = stored.pop("process")
    return PartState(process=ProcessMark(**process) if process else None, **stored)
