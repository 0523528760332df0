"""Caches jobs as they were last read or written, with the revision of their record."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.gateway.jobs.domain.models import Job


@dataclass(frozen=True, slots=True)
class CachedJob:
    """A job with the revision of its record."""

    job: Job
    revision: int


class JobCache:
    """Cache of at most `max_jobs` jobs, once trimmed: the jobs that were put longest ago are dropped first.

    Entries may be stale: a job is only written if its revision is still the cached one.
    """

    def __init__(self, max_jobs: int) -> None:
        self._max_jobs = max_jobs
        self._jobs: OrderedDict[str, CachedJob] = OrderedDict()

    def get(self, job_id: str) -> CachedJob | None:
        return self._jobs.get(job_id)

    def put(self, jobs: Mapping[str, tuple[Job, int]]) -> None:
        for job_id, (job, revision) in jobs.items():
            self._jobs[job_id] = CachedJob(job, revision)
            self._jobs.move_to_end(job_id)

    def trim(self) -> None:
        """Drops the oldest entries, down to `max_jobs`."""
        while len(self._jobs) > self._max_jobs:
            self._jobs.popitem(last=False)

    def forget(self, job_ids: Iterable[str]) -> None:
        for job_id in job_ids:
            self._jobs.pop(job_id, None)

    def clear(self) -> None:
        self._jobs.clear()
