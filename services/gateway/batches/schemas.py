"""Response models of `/v1/batches`."""

from typing import Literal

from pydantic import BaseModel, Field, SerializeAsAny

from services.gateway.batches.lines import DEFAULT_URL
from services.gateway.batches.repository import Batch
from services.gateway.jobs.views.objects import JobError, JobObject

Status = Literal["in_progress", "completed", "failed", "cancelled"]


class RequestCounts(BaseModel):
    """Counts of the batch's jobs by status. A job that was deleted counts in `total` only."""

    total: int
    queued: int
    in_progress: int
    completed: int
    failed: int
    cancelled: int


class BatchObject(BaseModel):
    id: str
    object: Literal["batch"] = "batch"
    endpoint: str = Field(default=DEFAULT_URL, description="The URL of lines that name no `url`.")
    status: Status = Field(
        description="completed: every job has ended. failed: every job has ended, and none is completed. "
        "cancelled: every job has ended, and you have cancelled the batch."
    )
    request_counts: RequestCounts
    progress: int = Field(description="Percent, the mean of its jobs; 100 once all have ended.")
    created_at: int
    completed_at: int | None = Field(description="When the last job ended.")
    seconds_saved: float = Field(description="Run seconds saved by results from the cache.")
    results_url: str

    @classmethod
    def of(cls, batch: Batch) -> "BatchObject":
        ended_at = batch.last_completed_at if batch.ended else None
        return cls(
            id=batch.id,
            status=status_of(batch),
            request_counts=RequestCounts(
                total=batch.total,
                queued=batch.queued,
                in_progress=batch.in_progress,
                completed=batch.completed,
                failed=batch.failed,
                cancelled=batch.cancelled,
            ),
            progress=100 if batch.ended else min(batch.progress // batch.jobs, 99),
            created_at=int(batch.created_at.timestamp()),
            completed_at=int(ended_at.timestamp()) if ended_at else None,
            seconds_saved=round(batch.saved_seconds, 3),
            results_url=f"/v1/batches/{batch.id}/results",
        )


def status_of(batch: Batch) -> Status:
    if not batch.ended:
        return "in_progress"
    if batch.cancelled_at is not None:
        return "cancelled"
    return "failed" if batch.failed and not batch.completed else "completed"


class ResultLine(BaseModel):
    """One line of the batch, with the present state of its job."""

    custom_id: str
    job_id: str
    status: Literal["queued", "in_progress", "completed", "failed", "cancelled"]
    job: SerializeAsAny[JobObject]
    error: JobError | None
    content_url: str | None = Field(description="The path of the completed job's file.")

    @classmethod
    def of(cls, job: JobObject, url: str) -> "ResultLine":
        """Returns the line of a job. `url` is that of the job's kind."""
        return cls(
            custom_id=job.custom_id or "",
            job_id=job.id,
            status=job.status,
            job=job,
            error=job.error,
            content_url=f"{url}/{job.id}/content" if job.status == "completed" else None,
        )
