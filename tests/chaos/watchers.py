"""Watches some videos all along, as clients do, and what has ended, that it stays as it is."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.chaos.client import ApiClient
from tests.chaos.jobs import Job
from tests.chaos.load import Load
from tests.chaos.truth import Truth

TERMINAL = ("completed", "failed", "cancelled")
RETRY_SECONDS = 0.3
SAMPLE_SECONDS = 1.0
SAMPLE = 40
PRINTS = "SELECT id, md5((to_jsonb(stages) - 'reusable')::text) AS print FROM stages"
"""Whether others may reuse a result can change: its artifact may be deleted."""
ENDED = "WHERE job_id = ANY($1::text[]) AND state IN ('completed', 'failed', 'cancelled')"


@dataclass(slots=True)
class Seen:
    """The last that was shown of one video."""

    status: str = "queued"
    progress: int = 0
    complaints: list[str] = field(default_factory=list)

    def look(self, video: dict[str, Any]) -> None:
        if self.status in TERMINAL and video["status"] != self.status:
            self.complaints.append(f"{video['id']} was {self.status} and became {video['status']}")
        if video["progress"] < self.progress:
            self.complaints.append(f"{video['id']} fell from {self.progress}% to {video['progress']}%")
        self.status, self.progress = video["status"], video["progress"]


class Watcher:
    """`run` it several times side by side; each follows one video after the other."""

    def __init__(self, api: ApiClient, load: Load) -> None:
        self.followed = 0
        self.complaints: list[str] = []
        self._api = api
        self._load = load

    async def run(self) -> None:
        while True:
            open_jobs = self._load.open
            if open_jobs:
                await self._follow(random.choice(open_jobs))
            else:
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self, job: Job) -> None:
        seen = Seen()
        last = 0
        while not job.ended:
            try:
                async for number, event in self._api.events(job.workspace, job.job_id, last):
                    last = number
                    seen.look(event["video"])
            except httpx2.HTTPError:
                await asyncio.sleep(RETRY_SECONDS)
            video = await self._api.get(job.workspace, job.job_id)
            if video is None:
                break
            seen.look(video)
            if seen.status in TERMINAL:
                break
        self.followed += 1
        self.complaints += seen.complaints


class Prints:
    """Takes the fingerprints of stages that have ended."""

    def __init__(self, truth: Truth, load: Load) -> None:
        self.taken: dict[str, str] = {}
        self._truth = truth
        self._load = load
        self._sampled: set[str] = set()

    async def run(self) -> None:
        while True:
            await self.sample()
            await asyncio.sleep(SAMPLE_SECONDS)

    async def sample(self) -> None:
        """Of some open videos, and of every video once it has ended."""
        ended = {job.job_id for job in self._load.jobs.values() if job.ended} - self._sampled
        open_jobs = self._load.open
        some = {job.job_id for job in random.sample(open_jobs, min(SAMPLE, len(open_jobs)))}
        for row in await self._truth.fetch(f"{PRINTS} {ENDED}", list(ended | some)):
            self.taken.setdefault(row["id"], row["print"])
        self._sampled |= ended

    async def changed(self) -> list[str]:
        """Stages that are not what they were when they had ended. Deleted ones do not count."""
        now = {row["id"]: row["print"] for row in await self._truth.fetch(PRINTS)}
        return [stage for stage, taken in self.taken.items() if now.get(stage, taken) != taken]
