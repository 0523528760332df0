"""Batches as the API shows them."""

from typing import Literal

from pydantic import BaseModel, Field

from services.gateway.batches.repository import Batch
from services.gateway.videos.responses import VideoError, VideoObject

Status = Literal["in_progress", "completed", "failed", "cancelled"]


class RequestCounts(BaseModel):
    """Of the batch's videos by their status. A video that was deleted counts in `total` only."""

    total: int
    queued: int
    in_progress: int
    completed: int
    failed: int
    cancelled: int


class BatchObject(BaseModel):
    id: str
    object: Literal["batch"] = "batch"
    endpoint: Literal["/v1/videos"] = "/v1/videos"
    status: Status = Field(
        description="completed: every video has ended. failed: so they have, and none is completed. "
        "cancelled: so they have, and you have cancelled the batch."
    )
    request_counts: RequestCounts
    progress: int = Field(description="Percent, the mean of its videos; 100 once all have ended.")
    created_at: int
    completed_at: int | None = Field(description="When the last video ended.")
    seconds_saved: float = Field(description="Run seconds spared by results that were known.")
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
            progress=100 if batch.ended else min(batch.progress // batch.videos, 99),
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


class BatchList(BaseModel):
    object: Literal["list"] = "list"
    data: list[BatchObject]
    first_id: str | None
    last_id: str | None
    has_more: bool


class ResultLine(BaseModel):
    """What has become of one line of the batch, by now."""

    custom_id: str
    video_id: str
    status: Literal["queued", "in_progress", "completed", "failed", "cancelled"]
    video: VideoObject
    error: VideoError | None
    content_url: str | None = Field(description="The path of the completed video's file.")

    @classmethod
    def of(cls, video: VideoObject) -> "ResultLine":
        completed = video.status == "completed"
        return cls(
            custom_id=video.custom_id or "",
            video_id=video.id,
            status=video.status,
            video=video,
            error=video.error,
            content_url=f"/v1/videos/{video.id}/content" if completed else None,
        )
