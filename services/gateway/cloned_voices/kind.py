"""Defines the job kind `voice`: how its requests are planned, stored and shown."""

from collections.abc import Iterator, Sequence

from services.gateway.cloned_voices.endpoints import router
from services.gateway.cloned_voices.plan import plan
from services.gateway.cloned_voices.requests import VoiceRequest
from services.gateway.cloned_voices.resolve import ClonedVoiceSpec, resolve
from services.gateway.cloned_voices.responses import ClonedVoiceObject, voice_object
from services.gateway.components import Components
from services.gateway.http.inspection_errors import REFUSALS
from services.gateway.intake.plan_requests import Plannable, plan_requests
from services.gateway.intake.preflight import Question
from services.gateway.intake.references import References
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.kinds import JobKind, Planned
from services.gateway.speech.questions import reference_question
from services.gateway.voices.cloned import KIND, SPEAKER


async def plan_voices(
    components: Components, workspace: str, requests: Sequence[VoiceRequest]
) -> list[Planned]:
    def prepare(request: VoiceRequest, references: References) -> Plannable:
        spec = resolve(request, references, components.catalogue, components.settings)
        stored = {"request": request.model_dump(mode="json", exclude_none=True, exclude={"dry_run"})}
        return Plannable(stored, plan(spec), tuple(questions_of(components, spec)))

    return await plan_requests(components, workspace, requests, prepare)


def questions_of(components: Components, spec: ClonedVoiceSpec) -> Iterator[Question]:
    """Yields the inspection of each recording by the voice service."""
    for recording in spec.recordings:
        yield reference_question(components.conversion, spec.judge.name, recording.artifact, recording.field)


def failed_field(job: Job) -> str | None:
    """Returns the field with the first recording if it was the recordings that were refused."""
    failure = job.stages[-1].failure
    if failure is None or failure.reason not in REFUSALS:
        return None
    return "audio_sample" if job.record.spec["request"].get("audio_sample") else "references.0"


VOICE: JobKind[Components, VoiceRequest] = JobKind(
    name=KIND,
    url="/v1/audio/voices",
    request=VoiceRequest,
    plan=plan_voices,
    present=voice_object,
    failed_field=failed_field,
    object_model=ClonedVoiceObject,
    variants={SPEAKER: ".json"},
    router=router,
)
