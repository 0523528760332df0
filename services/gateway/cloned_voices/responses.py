"""Response models of `/v1/audio/voices`."""

from typing import Literal

from pydantic import Field

from services.gateway.http.pagination import Page
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.views.objects import JobObject
from services.gateway.jobs.views.serialize import JobView, job_fields

SIMILARITY, INTELLIGIBILITY = "speaker_similarity", "speaker_intelligibility"
"""Checks of the stage that makes a voice."""


class ClonedVoiceObject(JobObject):
    """A job that makes a voice, and the voice itself: its id is the voice's."""

    object: Literal["voice"] = "voice"  # pyright: ignore[reportIncompatibleVariableOverride] - read only
    name: str
    description: str | None
    language: str | None = Field(description="BCP 47 tag of the person's language, if it was given.")
    labels: dict[str, str]
    similarity: float | None = Field(
        description="Cosine between the embeddings of the recordings and of sentences that the voice has "
        "spoken: about 0.95 for one person, below 0.7 for two; null until the voice is there."
    )
    intelligibility: float | None = Field(
        description="Share of the words of those sentences that a recogniser hears; null if it is not known."
    )


class ClonedVoiceList(Page[ClonedVoiceObject]):
    """A page of cloned voices."""


def voice_object(job: Job, view: JobView) -> ClonedVoiceObject:
    request = job.record.spec["request"]
    measured = {check.name: round(check.value, 3) for stage in job.stages for check in stage.checks}
    return ClonedVoiceObject(
        **job_fields(job, view),
        name=request["name"],
        description=request.get("description"),
        language=request.get("language"),
        labels=request.get("labels") or {},
        similarity=measured.get(SIMILARITY),
        intelligibility=measured.get(INTELLIGIBILITY),
    )
