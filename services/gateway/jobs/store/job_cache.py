"""Jobs as they were last read or written, with the revision of their video."""

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

    def get(self, video_id: str) -> CachedJob | None:
        return self._jobs.get(video_id)

    def put(self, jobs: Mapping[str, tuple[Job, int]]) -> None:
        for video_id, (job, revision) in jobs.items():
            self._jobs[video_id] = CachedJob(job, revision)
            self._jobs.move_to_end(video_id)

    def trim(self) -> None:
        """Drop the oldest, down to the most there may be."""
        while len(self._jobs) > self._most:
            self._jobs.popitem(last=False)

    def forget(self, video_ids: Iterable[str]) -> None:
        for video_id in video_ids:
            self._jobs.pop(video_id, None)

    def clear(self) -> None:
        self._jobs.clear()
