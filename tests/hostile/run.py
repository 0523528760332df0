"""Runs the kinds of attacks, one after the other, against a real stack, beside an innocent client."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from services.cli.stack.state import StackState, running_state
from tests.e2e import stack as stacks
from tests.hostile.attack import Attack, Target
from tests.hostile.loop_lag import read_times_held
from tests.hostile.measures import KindResult, Memory, Sample, Window
from tests.hostile.memory import MemoryWatch
from tests.hostile.tenants import INNOCENT, make_key
from tests.hostile.traces import files_below, marked_lines, open_jobs, unowned_objects

IN_FLIGHT = 4
ATTACK_SECONDS = 30.0
CLIENT_SECONDS = 60.0
JOBS_SECONDS = 30.0
STORE_SECONDS = 20.0
ALONE_VIDEOS = 6
"""Number of videos that the innocent makes alone. The first two, which warm the engines up, do not count."""
WARM_VIDEOS = 2
GARBAGE_SECONDS = "2"
"""Objects without an owner are deleted after this time instead of a minute, to be gone at the end."""
ATTACKERS_NICENESS = 10
"""Attackers have machines of their own. Here they get what stack and innocent leave of the processors."""
ROOT = Path(__file__).parents[2]
NOT_YET = Window(0.0, 0.0)


@dataclass(slots=True, repr=False)
class Campaign:
    """The measures of a whole run."""

    kinds: list[KindResult] = field(default_factory=list[KindResult])
    samples: list[Sample] = field(default_factory=list[Sample])
    alone: Window = NOT_YET
    """The time during which the innocent was alone, with warm engines."""
    attacked: Window = NOT_YET
    """The time from the first attack to the end of the innocent's last video."""
    restarts: Mapping[str, int] = field(default_factory=dict[str, int])
    """How often a process of the stack was started again, by its name."""
    log_lines: Sequence[str] = ()
    """Lines of logs that hold text of attackers."""
    files: Sequence[str] = ()
    """Temporary files and folders that were left behind."""
    objects: Sequence[str] = ()
    """Objects in the store that belong to nothing."""

    @property
    def memory(self) -> Memory:
        total = Memory()
        for kind in self.kinds:
            total.gateway = max(total.gateway, kind.memory.gateway)
            total.probes |= kind.memory.probes
            for engine, size in kind.memory.engines.items():
                total.engines[engine] = max(total.engines.get(engine, 0.0), size)
        return total


async def run(kinds: Mapping[str, Sequence[Attack]], root: Path) -> Campaign:
    """Starts a stack in the folder, attacks it, and stops it."""
    temporary = root / "tmp"
    temporary.mkdir(mode=0o777)
    variables = {"TMPDIR": str(temporary), "LIKENESS_GARBAGE_DELAY_SECONDS": GARBAGE_SECONDS}
    try:
        await asyncio.to_thread(stacks.start, root / "data", variables)
        return await attack_stack(kinds, root / "data", temporary)
    finally:
        await asyncio.to_thread(stacks.stop, root / "data")


async def attack_stack(kinds: Mapping[str, Sequence[Attack]], data: Path, temporary: Path) -> Campaign:
    state = state_of(data)
    campaign = Campaign()
    async with innocent(state, data, campaign) as client:
        await client.wait_for_videos(ALONE_VIDEOS)
        campaign.alone = alone_window(campaign.samples)
        before = files_below(temporary)
        os.setpriority(os.PRIO_PROCESS, 0, ATTACKERS_NICENESS)
        began = time.monotonic()
        for kind, attacks in kinds.items():
            result = await run_kind(kind, attacks, state, data)
            campaign.kinds.append(result)
            sys.stdout.write(f"\n{kind}: {result.window.seconds:.0f} s, {len(result.failures)} failed")
            sys.stdout.flush()
    campaign.attacked = Window(began, time.monotonic())
    campaign.restarts = {part.name: part.restarts for part in state_of(data).parts}
    campaign.log_lines = list(marked_lines(data / "logs"))
    campaign.objects = await unowned_objects(
        state.database_url, state.s3_url, data / "credentials.json", STORE_SECONDS
    )
    campaign.files = sorted(files_below(temporary) - before)
    return campaign


def alone_window(samples: Sequence[Sample]) -> Window:
    """Returns the time of the innocent's videos after the first."""
    videos = [each for each in samples if each.what == "video"]
    return Window(videos[WARM_VIDEOS].began, time.monotonic())


def state_of(data: Path) -> StackState:
    state = running_state(data / "stack.json")
    if state is None:
        raise RuntimeError(f"No stack runs on {data}.")
    return state


async def run_kind(kind: str, attacks: Sequence[Attack], state: StackState, data: Path) -> KindResult:
    """Runs the attacks of one kind, in a workspace of its own: what it leaves is in the way of no other."""
    workspace = f"attacker-{kind.replace('_', '-')}"
    key = await make_key(data, workspace)
    held_before = await read_times_held(state.url)
    watch = MemoryWatch({part.name: part.process.pid for part in state_of(data).parts if part.process})
    watch.start()
    began = time.monotonic()
    async with target_of(state, data, key) as target:
        failures = await run_attacks(attacks, target)
        ended = time.monotonic()
        answers = list(target.answers)
        unfinished = await open_jobs(state.database_url, workspace, JOBS_SECONDS)
        # The next kind starts without them.
        await asyncio.gather(*(target.http.post(f"/v1/jobs/{each}/cancel") for each in unfinished))
    return KindResult(
        kind=kind,
        attacks=len(attacks),
        window=Window(began, ended),
        answers=Counter(status for _, status in answers),
        faults=[f"{status} {request}" for request, status in answers if status >= 500],
        failures=failures,
        unfinished=unfinished,
        memory=watch.stop(),
        stalls=await read_times_held(state.url) - held_before,
    )


@asynccontextmanager
async def target_of(state: StackState, data: Path, key: str) -> AsyncGenerator[Target]:
    answers: list[tuple[str, int]] = []

    async def note(response: httpx2.Response) -> None:
        answers.append((f"{response.request.method} {response.request.url.path}", response.status_code))

    url = httpx2.URL(state.url)
    options: dict[str, Any] = {
        "base_url": state.url,
        "timeout": CLIENT_SECONDS,
        "trust_env": False,
        "event_hooks": {"response": [note]},
        "limits": httpx2.Limits(max_connections=None, max_keepalive_connections=20),
    }
    async with (
        httpx2.AsyncClient(**options, headers={"Authorization": f"Bearer {key}"}) as http,
        httpx2.AsyncClient(**options) as anonymous,
    ):
        yield Target(url.host, url.port or 80, key, data, http, anonymous, answers)


async def run_attacks(attacks: Sequence[Attack], target: Target) -> Mapping[str, str]:
    """Returns what was wrong with the answers, by the names of the attacks."""
    waiting = list(reversed(attacks))
    failures: dict[str, str] = {}

    async def attacker() -> None:
        while waiting:
            attack = waiting.pop()
            [error] = await asyncio.gather(run_attack(attack, target), return_exceptions=True)
            if isinstance(error, Exception):
                failures[attack.name] = f"{type(error).__name__}: {str(error)[:500]}"

    await asyncio.gather(*(attacker() for _ in range(IN_FLIGHT)))
    return failures


async def run_attack(attack: Attack, target: Target) -> None:
    """Raises TimeoutError for an attack that does not end."""
    async with asyncio.timeout(ATTACK_SECONDS):
        await attack.run(target)


@asynccontextmanager
async def innocent(state: StackState, data: Path, campaign: Campaign) -> "AsyncGenerator[InnocentClient]":
    """Runs the innocent client beside the block, in a workspace of its own, and waits for its last video."""
    url = httpx2.URL(state.url)
    key = await make_key(data, INNOCENT)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.hostile.innocent", url.host, str(url.port), key),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    client = InnocentClient(process, campaign.samples)
    reading = asyncio.create_task(client.read())
    try:
        yield client
    finally:
        if process.stdin:
            process.stdin.close()
        await reading
        await process.wait()


class InnocentClient:
    """Collects what the innocent client's process measures."""

    def __init__(self, process: asyncio.subprocess.Process, samples: list[Sample]) -> None:
        self._process = process
        self._samples = samples
        self._changed = asyncio.Event()

    async def read(self) -> None:
        """Reads the measures until the process has ended."""
        if self._process.stdout is None:
            return
        async for line in self._process.stdout:
            self._samples.append(Sample(**json.loads(line)))
            self._changed.set()
        self._changed.set()

    async def wait_for_videos(self, count: int) -> None:
        """Returns once so many videos are made. Raises RuntimeError if the client ends before."""
        while sum(each.what == "video" for each in self._samples) < count:
            self._changed.clear()
            await self._changed.wait()
            if self._process.returncode is not None:
                raise RuntimeError("The innocent client has ended.")
