"""Generates load: keeps a number of unique jobs under way, and cancels, deletes or duplicates some."""

import asyncio
import itertools
import random
import secrets
import time
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from typing import Any

from tests.chaos.client import ApiClient
from tests.chaos.database import Database
from tests.chaos.jobs import ClientAction, Job, draw_job

FOLLOW_SECONDS = 0.5
SUBMITTERS = 8
BATCH_SIZE = 10
BATCH_SHARE = 0.04
STATES = "SELECT id, status, coalesce(error_code, '') AS error FROM jobs WHERE id = ANY($1::text[])"


class Load:
    """Submits jobs and follows them. `jobs` holds those that the API has accepted, by job id."""

    def __init__(
        self, api: ApiClient, database: Database, *, seed: int, in_flight: int, jobs: int, pace: float
    ) -> None:
        self.jobs: dict[str, Job] = {}
        self._api = api
        self._database = database
        self._seed = seed
        self._run = f"run-{secrets.token_hex(4)}"
        self._in_flight = in_flight
        self._jobs = jobs
        self._pace = pace
        self._numbers = itertools.count()
        self._actions: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self._stopped = False
        self._submitting = 0
        self.filled = asyncio.Event()
        """Set once `in_flight` jobs have been under way."""
        self.least_in_flight = 0
        """The lowest number of jobs under way since then, while jobs were submitted."""

    @property
    def open(self) -> list[Job]:
        return [job for job in self.jobs.values() if not job.ended]

    async def run(self) -> None:
        """Submits until the bound on jobs is reached, or `stop` is called."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(SUBMITTERS):
                tasks.create_task(self._submit_forever())
        self._stopped = True

    async def stop(self) -> None:
        """Ends the submissions: no new one begins."""
        async with self._changed:
            self._stopped = True
            self._changed.notify_all()

    async def follow(self) -> None:
        """Refreshes the jobs' states from PostgreSQL until it is cancelled."""
        while True:
            await self.refresh()
            async with self._changed:
                self._changed.notify_all()
            await asyncio.sleep(FOLLOW_SECONDS)

    async def refresh(self) -> None:
        jobs = {job.job_id: job for job in self.open}
        rows = await self._database.fetch(STATES, list(jobs))
        for row in rows:
            job = jobs[row["id"]]
            job.status, job.error = row["status"], row["error"]
            if job.ended:
                job.finished_at = time.monotonic()
        for job_id in jobs.keys() - {row["id"] for row in rows}:
            if not jobs[job_id].deleted and jobs[job_id].action is not ClientAction.DELETE:
                jobs[job_id].status = "vanished"
        self._note_level()

    async def settle(self) -> None:
        """Waits until all client actions are done and every job has ended."""
        while self._actions:
            await asyncio.wait(self._actions)
        async with self._changed:
            await self._changed.wait_for(lambda: not self.open)

    async def _submit_forever(self) -> None:
        while await self._room_for_more():
            self._submitting += 1
            try:
                await self._submit_next()
            finally:
                self._submitting -= 1

    async def _room_for_more(self) -> bool:
        """Waits for room. Returns False when nothing more is to be submitted."""

        def full() -> bool:
            return len(self.open) + self._submitting >= self._in_flight

        async with self._changed:
            await self._changed.wait_for(lambda: self._enough() or not full())
        return not self._enough()

    def _enough(self) -> bool:
        return self._stopped or (0 < self._jobs <= len(self.jobs) + self._submitting)

    async def _submit_next(self) -> None:
        job = self._draw()
        if draws_batch(job):
            others = (self._draw() for _ in range(BATCH_SIZE - 1))
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
        if job.action is not ClientAction.NONE:
            self._start(self._act_on(job))

    def _request(self, job: Job) -> dict[str, Any]:
        head: dict[str, Any] = {
            "image": self._api.tenants[job.workspace].portrait,
            "size": "128x128",
            "voice": "scripted",
        }
        head |= {"no_cache": True} if job.no_cache else {}
        return head | (job.scenes[0] if len(job.scenes) == 1 else {"scenes": job.scenes})

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._actions.add(task)
        task.add_done_callback(self._actions.discard)

    async def _act_on(self, job: Job) -> None:
        await asyncio.sleep(job.action_after)
        match job.action:
            case ClientAction.CANCEL:
                video = await self._api.cancel(job.workspace, job.job_id)
                if video is not None and video["status"] == "cancelled":
                    job.cancelled_at = time.monotonic()
            case ClientAction.DELETE:
                await self._api.delete(job.workspace, job.job_id)
                job.deleted = True
            case _:
                await self.submit(replace(job, action=ClientAction.NONE, batch=False), f"{job.id} again")

    def _note_level(self) -> None:
        level = len(self.open)
        if self.filled.is_set() and not self._stopped:
            self.least_in_flight = min(self.least_in_flight, level)
        elif level >= self._in_flight:
            self.least_in_flight = level
            self.filled.set()


def draws_batch(job: Job) -> bool:
    """Tells whether the job and some that follow form a batch; a function of the job's number."""
    return random.Random(job.number).random() < BATCH_SHARE


def percentile(values: Iterator[float] | list[float], share: float) -> float:
    """Returns the smallest value that the share of values does not exceed; 0 if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def draw_seed() -> int:
    return random.SystemRandom().randrange(1 << 31)
