"""Reads cloned voices: completed jobs of the kind `voice`, whose last stage has made a speaker."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from services.chassis.storage import Artifact
from services.chassis.text.quoted import quoted
from services.gateway.db.pool import Connection
from services.gateway.http.errors import ApiError, invalid
from services.gateway.jobs.domain.models import Job, JobStatus
from services.gateway.jobs.store import repository
from services.gateway.jobs.store.repository import Listing

KIND = "voice"
"""The kind of the jobs that make voices."""
SPEAKER = "speaker"
"""Output of the stage that makes a voice, and input of those that speak in it."""
MAX_LISTED = 1000
_PREFIX = f"{KIND}_"


@dataclass(frozen=True, slots=True)
class ReadyVoice:
    """A cloned voice that can speak.

    `engine` is the name of the TTS engine that has made it, `language` the BCP 47 tag of the person's
    language, empty if it is not known.
    """

    id: str
    engine: str
    language: str
    speaker: Artifact


@dataclass(frozen=True, slots=True)
class ClonedVoice:
    """A cloned voice in any state. `request` is what was asked for, `failure` why it could not be made."""

    id: str
    status: JobStatus
    engine: str
    request: Mapping[str, Any]
    speaker: Artifact | None = None
    failure: str = ""

    @property
    def language(self) -> str:
        return self.request.get("language") or ""

    def ready(self, param: str) -> ReadyVoice:
        """Returns the voice for speech. Raises a refusal that names `param` if it is not made, or cannot
        be."""
        if self.speaker is not None:
            return ReadyVoice(self.id, self.engine, self.language, self.speaker)
        if self.status.terminal:
            message = f"The voice {quoted(self.id)} could not be made: {self.failure or 'it was cancelled.'}"
            raise invalid("voice_failed", message, param)
        message = f"The voice {quoted(self.id)} is still being made. Wait until it is completed."
        raise ApiError(409, "voice_not_ready", message, param, retry_later=True)


def is_cloned(voice: str | None) -> TypeGuard[str]:
    """Returns whether a request names a cloned voice by this."""
    return voice is not None and voice.startswith(_PREFIX)


def unknown_voice(voice: str, param: str) -> ApiError:
    message = f"There is no cloned voice {quoted(voice)} in this workspace. GET /v1/voices lists them all."
    return invalid("voice_unknown", message, param)


async def find(connection: Connection, workspace: str, ids: Collection[str]) -> dict[str, ClonedVoice]:
    """Returns the workspace's cloned voices of these ids, by id."""
    jobs = await repository.find_jobs(connection, sorted(ids)) if ids else []
    return {
        job.record.id: cloned_voice(job)
        for job in jobs
        if job.record.workspace_id == workspace and job.record.kind == KIND and job.stages
    }


async def ready_voices(connection: Connection, workspace: str) -> list[ClonedVoice]:
    """Returns the workspace's newest cloned voices that can speak."""
    listing = Listing(MAX_LISTED, status=JobStatus.COMPLETED, kind=KIND)
    return [cloned_voice(job) for job in await repository.list_jobs(connection, workspace, listing)]


def cloned_voice(job: Job) -> ClonedVoice:
    record, stage = job.record, job.stages[-1]
    return ClonedVoice(
        id=record.id,
        status=record.status,
        engine=stage.engine,
        request=record.spec["request"],
        speaker=stage.outputs.get(SPEAKER) if record.status is JobStatus.COMPLETED else None,
        failure=record.failure.message if record.failure else "",
    )
