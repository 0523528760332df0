"""Runs all targets at once, each in a process of its own that is started again when it dies."""

import asyncio
import json
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import Any

from tests.fuzz.findings import Findings, Found
from tests.fuzz.target import FuzzTarget, Setting, case_of
from tests.fuzz.worker import LINE_BYTES

ROOT = Path(__file__).parents[2]
HANGING_SECONDS = 120.0
"""Time without a word from a worker after which its case counts as hanging."""
POLL_SECONDS = 1.0
START_SECONDS = 5.0
CASES_PER_SEED = 1_000_000_000
"""Numbers of cases: those of different seeds do not meet."""
UNREAD = -1


@dataclass(slots=True)
class Campaign:
    """A run of fuzzing: what to run, until when, and what came of it."""

    setting: Setting
    seed: int
    until: float
    findings: Findings
    cases: Counter[str] = field(default_factory=Counter[str])

    def summary(self, targets: Sequence[FuzzTarget]) -> str:
        """Returns the number of cases of each target, and its findings by kind and signature."""
        lines: list[str] = []
        for target in targets:
            lines.append(f"{target.name:<12} {self.cases[target.name]:>9} cases")
            lines += [
                f"    {kind}: {signature} ({count}×)"
                for (name, kind, signature), count in sorted(self.findings.counts.items())
                if name == target.name
            ]
        return "\n".join(lines)


async def run(targets: Sequence[FuzzTarget], campaign: Campaign) -> None:
    await asyncio.gather(*(Runner(target, campaign).run() for target in targets))


class Runner:
    """Keeps the worker of one target running, and notes of what it died."""

    def __init__(self, target: FuzzTarget, campaign: Campaign) -> None:
        self._target = target
        self._campaign = campaign
        self._progress = campaign.findings.folder / f".{target.name}.progress"
        self._heard = time.monotonic()

    async def run(self) -> None:
        number = self._campaign.seed * CASES_PER_SEED
        while time.monotonic() < self._campaign.until:
            last = await self._run_worker(number)
            if last is None:
                break
            number = last + 1

    async def _run_worker(self, first: int) -> int | None:
        """Runs a worker until it ends. Returns the case by which it has died; `None` if it has not."""
        self._progress.write_bytes(struct.pack("<q", first - 1))
        setting = self._campaign.setting
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.fuzz.worker", self._target.name),
            *("--first", str(first), "--until", str(self._campaign.until)),
            *("--progress", str(self._progress), "--url", setting.url, "--key", setting.key),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            limit=LINE_BYTES,
        )
        errors = asyncio.create_task(last_bytes(process))
        hung = await self._read(process)
        status = await process.wait()
        said = (await errors).decode(errors="replace")
        if status == 0:
            return None
        [number] = struct.unpack("<q", self._progress.read_bytes())
        if number < first:
            raise RuntimeError(f"The worker of {self._target.name} did not start: {said}")
        how = "hang" if hung else "died"
        by = Signals(-status).name if status < 0 else f"status {status}"
        self._note(number, how, f"{HANGING_SECONDS:g} s" if hung else by, said)
        return number

    async def _read(self, process: asyncio.subprocess.Process) -> bool:
        """Reads what a worker reports, until it ends. Returns whether it had to be killed."""
        self._heard = time.monotonic()
        reading = asyncio.create_task(self._read_lines(process))
        while not reading.done():
            await asyncio.wait({reading}, timeout=POLL_SECONDS)
            if time.monotonic() - self._heard > HANGING_SECONDS and not reading.done():
                process.kill()
                await reading
                return True
        return False

    async def _read_lines(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        async for line in process.stdout:
            self._heard = time.monotonic()
            report: dict[str, Any] = json.loads(line)
            self._campaign.cases[self._target.name] += report.get("cases", 0)
            if "kind" in report:
                self._note(report["number"], report["kind"], report["signature"], report["detail"])

    def _note(self, number: int, kind: str, signature: str, detail: str) -> None:
        found = Found(self._target.name, number, kind, signature, detail)
        self._campaign.findings.add(found, case_of(self._target, number))


async def last_bytes(process: asyncio.subprocess.Process) -> bytes:
    """Reads what a worker complains of, and returns the end of it."""
    kept = b""
    if process.stderr is not None:
        while data := await process.stderr.read(1 << 16):
            kept = (kept + data)[-4000:]
    return kept
