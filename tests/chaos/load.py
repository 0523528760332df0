"""Keeps a number of unique videos under way, and meets each with its fate."""

import asyncio
import itertools
import random
import secrets
import time
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from typing import Any

from tests.chaos.client import ApiClient
from tests.chaos.jobs import Fate, Job, draw_job
from tests.chaos.truth import Truth

FOLLOW_SECONDS = 0.5
SUBMITTERS = 8
BATCH = 10
BATCH_SHARE = 0.04
STATES = "SELECT id, status, coalesce(error_code, '') AS error FROM jobs WHERE id = ANY($1::text[])"


class Load:
    """`jobs` holds all that was submitted, by video: a job counts once the API has answered."""

    def __init__(
        self, api: ApiClient, truth: Truth, *, seed: int, in_flight: int, jobs: int, pace: float
    ) -> None:
        self.jobs: dict[str, Job] = {}
        self._api = api
        self._truth = truth
        self._seed = seed
        self._run = f"run-{secrets.token_hex(4)}"
        self._in_flight = in_flight
        self._jobs = jobs
        self._pace = pace
        self._numbers = itertools.count()
        self._fates: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self._stopped = False
        self._on_their_way = 0
        self.filled = asyncio.Event()
        """The number has been reached once."""
        self.least_in_flight = 0
        """Since then, while jobs were submitted."""

    @property
    def open(self) -> list[Job]:
        return [job for job in self.jobs.values() if not job.ended]

    async def run(self) -> None:
        """Until so many jobs are submitted as were asked for, or until it is told to stop."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(SUBMITTERS):
                tasks.create_task(self._submit_forever())
        self._stopped = True

    async def stop(self) -> None:
        """No new submission begins."""
        async with self._changed:
            self._stopped = True
            self._changed.notify_all()

    async def follow(self) -> None:
        """Until it is cancelled; keeps the jobs' states as PostgreSQL has them."""
        while True:
            await self.refresh()
            async with self._changed:
                self._changed.notify_all()
            await asyncio.sleep(FOLLOW_SECONDS)

    async def refresh(self) -> None:
        jobs = {job.job_id: job for job in self.open}
        rows = await self._truth.fetch(STATES, list(jobs))
        for row in rows:
            job = jobs[row["id"]]
            job.status, job.error = row["status"], row["error"]
            if job.ended:
                job.finished_at = time.monotonic()
        for job_id in jobs.keys() - {row["id"] for row in rows}:
            if not jobs[job_id].deleted and jobs[job_id].fate is not Fate.DELETE:
                jobs[job_id].status = "vanished"
        self._note_level()

    async def settle(self) -> None:
        """Returns when what was to be cancelled or deleted has been, and every job has ended."""
        while self._fates:
            await asyncio.wait(self._fates)
        async with self._changed:
            await self._changed.wait_for(lambda: not self.open)

    async def _submit_forever(self) -> None:
        while await self._room_for_more():
            self._on_their_way += 1
            try:
                await self._submit_next()
            finally:
                self._on_their_way -= 1

    async def _room_for_more(self) -> bool:
        """Returns when there is, or False when nothing more is to be submitted."""

        def full() -> bool:
            return len(self.open) + self._on_their_way >= self._in_flight

        async with self._changed:
            await self._changed.wait_for(lambda: self._enough() or not full())
        return not self._enough()

    def _enough(self) -> bool:
        return self._stopped or (0 < self._jobs <= len(self.jobs) + self._on_their_way)

    async def _submit_next(self) -> None:
        job = self._draw()
        if draws_batch(job):
            others = (self._draw() for _ in range(BATCH - 1))
            jobs = [replace(each, workspace=job.workspace, batch=True) for each in (job, *others)]
            await self._submit_batch(jobs)
        else:
            await self.submit(job, job.id)

    def _draw(self) -> Job:
        return draw_job(
            self._seed,
            next(self._numbers),
            run=self._run,
            workspaces=len(self._api.tenants),
            pace=self._pace,
        )

    async def submit(self, job: Job, key: str) -> None:
        video = await self._api.submit(job.workspace, self._request(job), key)
        self._take(job, video["id"])

    async def _submit_batch(self, jobs: list[Job]) -> None:
        requests = {job.id: self._request(job) for job in jobs}
        videos = await self._api.submit_batch(jobs[0].workspace, requests, f"batch-{jobs[0].id}")
        for job in jobs:
            self._take(job, videos[job.id])

    def _take(self, job: Job, job_id: str) -> None:
        job.job_id, job.status, job.submitted_at = job_id, "queued", time.monotonic()
        self.jobs[job_id] = job
        if job.fate is not Fate.NONE:
            self._later(self._meet(job))

    def _request(self, job: Job) -> dict[str, Any]:
        head: dict[str, Any] = {
            "image": self._api.tenants[job.workspace].portrait,
            "size": "128x128",
            "voice": "scripted",
        }
        head |= {"no_cache": True} if job.no_cache else {}
        return head | (job.scenes[0] if len(job.scenes) == 1 else {"scenes": job.scenes})

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._fates.add(task)
        task.add_done_callback(self._fates.discard)

    async def _meet(self, job: Job) -> None:
        await asyncio.sleep(job.fate_after)
        match job.fate:
            case Fate.CANCEL:
                video = await self._api.cancel(job.workspace, job.job_id)
                if video is not None and video["status"] == "cancelled":
                    job.cancelled_at = time.monotonic()
            case Fate.DELETE:
                await self._api.delete(job.workspace, job.job_id)
                job.deleted = True
            case _:
                await self.submit(replace(job, fate=Fate.NONE, batch=False), f"{job.id} again")

    def _note_level(self) -> None:
        level = len(self.open)
        if self.filled.is_set() and not self._stopped:
            self.least_in_flight = min(self.least_in_flight, level)
        elif level >= self._in_flight:
            self.least_in_flight = level
            self.filled.set()


def draws_batch(job: Job) -> bool:
    """Whether the job and some that follow go together; known by the job, as all of the load is."""
    return random.Random(job.number).random() < BATCH_SHARE


def percentile(values: Iterator[float] | list[float], share: float) -> float:
    """The smallest value that so many of them do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def draw_seed() -> int:
    return random.SystemRandom().randrange(1 << 31)
