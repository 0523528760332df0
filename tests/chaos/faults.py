"""Does to a stack what a schedule says."""

import asyncio
import contextlib
import os
import random
import resource
import signal
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import psutil

from tests.chaos.artifacts import ArtifactThief
from tests.chaos.schedule import Fault
from tests.chaos.stack import ChaosStack, engine_processes, send_to
from tests.chaos.truth import Truth
from tests.chaos.zombie import Zombie

SLOW_CYCLE_SECONDS = 0.5
SLOW_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Injected:
    """Moments of the monotonic clock; `ended` is when the part was whole again, as far as we can do it."""

    fault: Fault
    began: float
    ended: float


class FaultInjector:
    def __init__(self, stack: ChaosStack, truth: Truth, seed: int) -> None:
        self.done: list[Injected] = []
        self._stack = stack
        self._dice = random.Random(seed)
        self.thief = ArtifactThief(stack, truth, self._dice)
        self._zombie = Zombie(stack, truth, self._dice)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._actions: dict[str, Callable[[Fault], Awaitable[None]]] = {
            "kill": self._kill,
            "drain": self._drain,
            "pause": self._pause,
            "slow": self._slow,
            "wipe": self._wipe,
            "restart": self._restart,
            "full": self._fill,
            "steal": lambda _: self.thief.steal(),
            "spoil": lambda _: self.thief.spoil(),
            "late": lambda _: self._zombie.speak(),
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
        """One after the other for each target: a busy machine takes its time to start a server again."""
        await asyncio.sleep(start + fault.at - time.monotonic())
        async with self._turns[fault.target]:
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
        """As an operator does it: PostgreSQL cuts its connections off and ends in order."""
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
        """Gets a fifth of its time."""
        end = time.monotonic() + fault.seconds
        while time.monotonic() < end:
            with self._stopped(fault.target):
                await asyncio.sleep(SLOW_CYCLE_SECONDS * SLOW_SHARE)
            await asyncio.sleep(SLOW_CYCLE_SECONDS * (1 - SLOW_SHARE))

    async def _fill(self, fault: Fault) -> None:
        """No file of the store can grow, as on a full disk: writes fail, reads go on.

        Then it is started again, as its operator must: its index takes nothing more after a failed write.
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
                os.kill(self._dice.choice(engines).pid, signal.SIGKILL)

    @contextlib.contextmanager
    def _stopped(self, name: str) -> Iterator[None]:
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
