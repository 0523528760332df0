"""Jobs as they were last read or written, with the revision of their record."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.gateway.jobs.domain.models import Job


@dataclass(frozen=True, slots=True)
class CachedJob:
    job: Job
    revision: int


class JobCache:
    """Whether a job is still so is found out when it is written: then its revision must be the same."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._jobs: OrderedDict[str, CachedJob] = OrderedDict()

    def get(self, job_id: str) -> CachedJob | None:
        return self._jobs.get(job_id)

    def put(self, jobs: Mapping[str, tuple[Job, int]]) -> None:
        for job_id, (job, revision) in jobs.items():
            self._jobs[job_id] = CachedJob(job, revision)
            self._jobs.move_to_end(job_id)

    def trim(self) -> None:
        """Drop the oldest, down to the most there may be."""
        while len(self._jobs) > self._most:
            self._jobs.popitem(last=False)

    def forget(self, job_ids: Iterable[str]) -> None:
        for job_id in job_ids:
            self._jobs.pop(job_id, None)

    def clear(self) -> None:
        self._jobs.clear()
