"""Response models of `/v1/audio/jobs`."""

from typing import Literal

from pydantic import Field

from services.gateway.audio.requests import AudioFileFormat
from services.gateway.http.pagination import Page
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.views.objects import JobObject
from services.gateway.jobs.views.serialize import JobView, job_fields


class AudioObject(JobObject):
    """A job that makes one audio file."""

    object: Literal["audio"] = "audio"  # pyright: ignore[reportIncompatibleVariableOverride] - read only
    format: AudioFileFormat
    seconds: float | None = Field(description="Length of the file; null until the job is completed.")
    remixed_from: str | None = Field(default=None, description="The job of which this one is a remix.")


class AudioList(Page[AudioObject]):
    """A page of audio jobs."""


def audio_object(job: Job, view: JobView) -> AudioObject:
    return AudioObject(
        **job_fields(job, view),
        format=job.record.spec["format"],
        seconds=(job.record.result or {}).get("seconds"),
        remixed_from=job.record.remixed_from,
    )
