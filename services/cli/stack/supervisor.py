"""Starts the parts of the stack, and starts them again when they die."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from services.cli.errors import StackError
from services.cli.stack.backoff import Restart, plan_restart
from services.cli.stack.process import ChildProcess
from services.cli.stack.state import PartState, mark
from services.cli.stack.writes.watch import INTERVAL_SECONDS, Disk, watch_writes

ILL_STOP_STEPS = ((signal.SIGTERM, 2.0),)
"""A server that cannot write may never stop in order. What it has acknowledged survives a kill."""
Report = Callable[[str], None]
Probe = Callable[[], Awaitable[str | None]]


class Part(Protocol):
    """A server or service of the stack. It can be started again after its child has died."""

    name: str
    ports: dict[str, int]
    child: ChildProcess

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(slots=True)
class Watched:
    """A part with its history and the task that watches it."""

    part: Part
    started_at: float
    restarts: int = 0
    failures: int = 0
    disk: Disk | None = None
    starting: bool = False
    refusal: str = ""
    """Why it is being stopped to be started again; empty if it is not."""
    tasks: "list[asyncio.Task[None]]" = field(default_factory=list["asyncio.Task[None]"])


class Supervisor:
    """Runs parts until they are stopped. `changed` is called after every change of `states`."""

    def __init__(
        self,
        report: Report,
        changed: Callable[[], None],
        plan: Callable[[int, float], Restart] = plan_restart,
        watch_seconds: float = INTERVAL_SECONDS,
    ) -> None:
        self._report = report
        self._changed = changed
        self._plan = plan
        self._watch_seconds = watch_seconds
        self._watched: dict[str, Watched] = {}
        self._order: dict[str, int] = {}

    async def start(self, part: Part, disk: Disk | None = None, probe: Probe | None = None) -> None:
        """Starts the part, and again whenever it dies. Raises the errors of its first start only.

        A part that keeps its data on `disk` is started again as soon as that has room. One with a `probe`,
        which tells why a write fails, is started again too when it takes no writes although there is room.
        """
        self._order.setdefault(part.name, len(self._order))
        await part.start()
        watched = Watched(part, started_at=time.time(), disk=disk)
        self._watched[part.name] = watched
        self._add_task(watched, self._watch(watched))
        if disk is not None and probe is not None:
            restart = partial(self._end, watched)
            self._add_task(watched, watch_writes(disk, probe, restart, self._watch_seconds))
        self._changed()

    async def stop(self, parts: Iterable[Part]) -> None:
        """Stops the parts concurrently, and does not start them again. A part may never have been started."""
        async with asyncio.TaskGroup() as tasks:
            for part in parts:
                tasks.create_task(self._stop(part))
        self._changed()

    def states(self) -> list[PartState]:
        """Returns the states in the order in which the parts began to start, not in that in which they were
        ready."""
        ordered = sorted(self._watched.values(), key=lambda watched: self._order[watched.part.name])
        return [self._state(watched) for watched in ordered]

    def failures(self, name: str) -> int:
        """Returns how often the part has died in a row; 0 before its first start."""
        watched = self._watched.get(name)
        return watched.failures if watched is not None else 0

    async def _stop(self, part: Part) -> None:
        watched = self._watched.pop(part.name, None)
        if watched is not None:
            for task in watched.tasks:
                task.cancel()
            await asyncio.wait(watched.tasks)
        await part.stop()

    async def _watch(self, watched: Watched) -> None:
        part = watched.part
        while True:
            status = await part.child.wait()
            ran = time.time() - watched.started_at
            reason, watched.refusal = watched.refusal or ending(status), ""
            await self._restart(watched, reason, ran)

    async def _end(self, watched: Watched, reason: str) -> None:
        """Stops a part that has started, which is then started again."""
        if watched.part.child.running and not watched.starting:
            watched.refusal = reason
            await watched.part.child.stop(ILL_STOP_STEPS)

    def _add_task(self, watched: Watched, work: Coroutine[Any, Any, None]) -> None:
        watched.tasks.append(asyncio.create_task(work, name=f"watch {watched.part.name}"))

    async def _restart(self, watched: Watched, reason: str, ran_seconds: float) -> None:
        """Tries to start the part until it runs again."""
        watched.starting = True
        part = watched.part
        while True:
            restart = self._plan(watched.failures, ran_seconds)
            watched.failures = restart.failures
            with suppress(OSError):  # the disk of the report may be full, too
                self._report(f"{part.name} {reason}; starting it again in {restart.delay_seconds:g} s")
            self._changed()
            await pause(restart.delay_seconds, watched.disk)
            try:
                await part.start()
            except (StackError, OSError) as exc:
                reason, ran_seconds = f"did not start: {exc}", 0.0
                continue
            watched.restarts += 1
            watched.started_at = time.time()
            watched.starting = False
            self._changed()
            return

    def _state(self, watched: Watched) -> PartState:
        child = watched.part.child
        running = child.running and child.pid is not None
        return PartState(
            name=watched.part.name,
            process=mark(child.pid) if running and child.pid is not None else None,
            started_at=watched.started_at if running else None,
            restarts=watched.restarts,
            ports=watched.part.ports,
        )


async def pause(seconds: float, disk: Disk | None) -> None:
    """Waits so many seconds, or until the disk that a part has met full has room again."""
    await (disk.wait(seconds) if disk is not None else asyncio.sleep(seconds))


def ending(status: int) -> str:
    """Says how a process has ended, from its exit status."""
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
