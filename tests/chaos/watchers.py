"""Watches the events of some videos, as clients do, and checks that ended stages do not change."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.chaos.client import ApiClient
from tests.chaos.database import Database
from tests.chaos.jobs import Job
from tests.chaos.load import Load

TERMINAL = ("completed", "failed", "cancelled")
RETRY_SECONDS = 0.3
SAMPLE_SECONDS = 1.0
SAMPLE = 40
FINGERPRINTS = "SELECT id, md5((to_jsonb(stages) - 'reusable')::text) AS print FROM stages"
"""Fingerprints leave out `reusable`, which may change when an artifact is deleted."""
ENDED = "WHERE job_id = ANY($1::text[]) AND state IN ('completed', 'failed', 'cancelled')"


@dataclass(slots=True)
class ObservedVideo:
    """Status and progress of one video as last observed, and violations of their order."""

    status: str = "queued"
    progress: int = 0
    problems: list[str] = field(default_factory=list[str])

    def observe(self, video: dict[str, Any]) -> None:
        if self.status in TERMINAL and video["status"] != self.status:
            self.problems.append(f"{video['id']} was {self.status} and became {video['status']}")
        if video["progress"] < self.progress:
            self.problems.append(f"{video['id']} fell from {self.progress}% to {video['progress']}%")
        self.status, self.progress = video["status"], video["progress"]


class Watcher:
    """Follows the event stream of one random video after another, until it is cancelled."""

    def __init__(self, api: ApiClient, load: Load) -> None:
        self.followed = 0
        self.problems: list[str] = []
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
        seen = ObservedVideo()
        last = 0
        while not job.ended:
            try:
                async for number, event in self._api.events(job.workspace, job.job_id, last):
                    last = number
                    seen.observe(event["video"])
            except httpx2.HTTPError:
                await asyncio.sleep(RETRY_SECONDS)
            video = await self._api.get(job.workspace, job.job_id)
            if video is None:
                break
            seen.observe(video)
            if seen.status in TERMINAL:
                break
        self.followed += 1
        self.problems += seen.problems


class Fingerprints:
    """Records fingerprints of stages that have ended."""

    def __init__(self, database: Database, load: Load) -> None:
        self.taken: dict[str, str] = {}
        self._database = database
        self._load = load
        self._sampled: set[str] = set()

    async def run(self) -> None:
        while True:
            await self.sample()
            await asyncio.sleep(SAMPLE_SECONDS)

    async def sample(self) -> None:
        """Records stages of some open videos, and of every video once it has ended."""
        ended = {job.job_id for job in self._load.jobs.values() if job.ended} - self._sampled
        open_jobs = self._load.open
        some = {job.job_id for job in random.sample(open_jobs, min(SAMPLE, len(open_jobs)))}
        for row in await self._database.fetch(f"{FINGERPRINTS} {ENDED}", list(ended | some)):
            self.taken.setdefault(row["id"], row["print"])
        self._sampled |= ended

    async def changed(self) -> list[str]:
        """Returns the stages that have changed after their end. Deleted ones do not count."""
        now = {row["id"]: row["print"] for row in await self._database.fetch(FINGERPRINTS)}
        return [stage for stage, taken in self.taken.items() if now.get(stage, taken) != taken]
