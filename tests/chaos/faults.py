"""Injects the faults of a schedule into a stack."""

import asyncio
import contextlib
import os
import random
import resource
import signal
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass

import psutil

from tests.chaos.artifact_faults import ArtifactFaults
from tests.chaos.database import Database
from tests.chaos.schedule import Fault
from tests.chaos.stack import ChaosStack, engine_processes, send_to
from tests.chaos.zombie_worker import ZombieWorker

SLOW_CYCLE_SECONDS = 0.5
SLOW_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Injected:
    """An injected fault. `began` and `ended` are of the monotonic clock.

    `ended` is when the part was whole again, as far as the harness can restore it.
    """

    fault: Fault
    began: float
    ended: float


class FaultInjector:
    """Injects faults into a stack. `done` are the faults that are over."""

    def __init__(self, stack: ChaosStack, database: Database, seed: int) -> None:
        self.done: list[Injected] = []
        self._stack = stack
        self._rng = random.Random(seed)
        self.artifact_faults = ArtifactFaults(stack, database, self._rng)
        self._zombie = ZombieWorker(stack, database, self._rng)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._actions: dict[str, Callable[[Fault], Awaitable[None]]] = {
            "kill": self._kill,
            "drain": self._drain,
            "pause": self._pause,
            "slow": self._slow,
            "wipe": self._wipe,
            "restart": self._restart,
            "full": self._fill,
            "delete": lambda _: self.artifact_faults.delete_one(),
            "corrupt": lambda _: self.artifact_faults.overwrite_one(),
            "late": lambda _: self._zombie.complete_again(),
        }

    async def run(self, schedule: Sequence[Fault]) -> None:
        """Returns when the last fault is over."""
        start = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for fault in schedule:
                tasks.create_task(self._inject_at(start, fault))

    async def inject(self, fault: Fault) -> Injected:
        began = time.monotonic()
        if fault.kind == "kill engine":
            self._kill_engine(fault)
        else:
            await self._actions[fault.kind.partition(" ")[0]](fault)
        injected = Injected(fault, began, time.monotonic())
        self.done.append(injected)
        return injected

    async def _inject_at(self, start: float, fault: Fault) -> None:
        """Injects one fault at a time into each target: a server may start slowly on a busy machine."""
        await asyncio.sleep(start + fault.at - time.monotonic())
        async with self._locks[fault.target]:
            await self.inject(fault)

    async def _kill(self, fault: Fault) -> None:
        if fault.target in self._stack.services:
            self._stack.send(fault.target, signal.SIGKILL)
        else:
            await self._stack.kill_server(fault.target)
            await self._start_later(fault)

    async def _wipe(self, fault: Fault) -> None:
        await self._stack.broker.kill()
        self._stack.broker.wipe()
        await self._start_later(fault)

    async def _restart(self, fault: Fault) -> None:
        """Restarts PostgreSQL as an operator does: it closes its connections and stops in order."""
        child = self._stack.postgres.child
        send_to(child, signal.SIGINT)
        await child.wait()
        await self._start_later(fault)

    async def _start_later(self, fault: Fault) -> None:
        await asyncio.sleep(fault.seconds)
        await self._stack.start_server(fault.target)

    async def _drain(self, fault: Fault) -> None:
        self._stack.send(fault.target, signal.SIGTERM)

    async def _pause(self, fault: Fault) -> None:
        with self._stopped(fault.target):
            await asyncio.sleep(fault.seconds)

    async def _slow(self, fault: Fault) -> None:
        """Stops the process for most of the time: it gets a fifth of its time."""
        end = time.monotonic() + fault.seconds
        while time.monotonic() < end:
            with self._stopped(fault.target):
                await asyncio.sleep(SLOW_CYCLE_SECONDS * SLOW_SHARE)
            await asyncio.sleep(SLOW_CYCLE_SECONDS * (1 - SLOW_SHARE))

    async def _fill(self, fault: Fault) -> None:
        """Makes the store's writes fail, as on a full disk, while reads go on; then restarts the store.

        Its operator must restart it too: its index accepts nothing more after a failed write.
        """
        pid = self._stack.s3.child.pid
        assert pid is not None
        limit_files(pid, 0)
        await asyncio.sleep(fault.seconds)
        await self._stack.kill_server(fault.target)
        await self._stack.start_server(fault.target)

    def _kill_engine(self, fault: Fault) -> None:
        worker = self._stack.pid(fault.target)
        engines = [process for process, owner in engine_processes(self._stack.root) if owner == worker]
        if engines:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._rng.choice(engines).pid, signal.SIGKILL)

    @contextlib.contextmanager
    def _stopped(self, name: str) -> Generator[None]:
        processes = self._stack.processes(name)
        try:
            for process in processes:
                send(process, signal.SIGSTOP)
            yield
        finally:
            for process in processes:
                send(process, signal.SIGCONT)


def send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def limit_files(pid: int, soft: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))
