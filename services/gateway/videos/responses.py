"""Response models of `/v1/videos`."""

from typing import Literal

from pydantic import Field

from services.gateway.http.pagination import Page
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.views.objects import JobObject
from services.gateway.jobs.views.serialize import JobView, job_fields


class VideoObject(JobObject):
    """A video in the shape of OpenAI's API, with additional fields."""

    object: Literal["video"] = "video"  # pyright: ignore[reportIncompatibleVariableOverride] - read only
    model: str
    prompt: str
    seconds: str
    size: str
    remixed_from_video_id: str | None = Field(
        default=None, description="The video of which this one is a remix."
    )


class VideoList(Page[VideoObject]):
    """A page of videos."""


def video_object(job: Job, view: JobView) -> VideoObject:
    spec, result = job.record.spec, job.record.result or {}
    return VideoObject(
        **job_fields(job, view),
        model=spec["model"],
        prompt=spec["prompt"],
        seconds=f"{result.get('seconds') or 0:g}",
        size=f"{spec['width']}x{spec['height']}",
        remixed_from_video_id=job.record.remixed_from,
    )
