"""Defines the job kind `audio`: how its requests are planned, stored and shown."""

from collections.abc import Iterator, Sequence
from typing import Any

from services.gateway.audio.endpoints import router
from services.gateway.audio.plan import plan
from services.gateway.audio.requests import AudioRequest
from services.gateway.audio.resolve import resolve
from services.gateway.audio.responses import AudioObject, audio_object
from services.gateway.audio.spec import AudioSpec
from services.gateway.components import Components
from services.gateway.intake.failed_field import failed_field
from services.gateway.intake.plan_requests import Plannable, plan_requests
from services.gateway.intake.preflight import Question
from services.gateway.intake.references import References
from services.gateway.jobs.kinds import JobKind, Planned
from services.gateway.speech.questions import SpeechQuestions, where_given
from services.gateway.speech.requests import paths_of
from services.gateway.speech.understood import understood


async def plan_audio(
    components: Components, workspace: str, requests: Sequence[AudioRequest]
) -> list[Planned]:
    def prepare(request: AudioRequest, references: References) -> Plannable:
        spec = resolve(request, references, components.catalogue, components.settings)
        return Plannable(
            stored_spec(request, spec), plan(spec), tuple(questions_of(components, request, spec))
        )

    return await plan_requests(components, workspace, requests, prepare)


def questions_of(components: Components, request: AudioRequest, spec: AudioSpec) -> Iterator[Question]:
    """Yields the inspections that the speech needs, in the order of its scenes."""
    speech = SpeechQuestions(components.speech, components.conversion)
    paths = paths_of(request.scene_fields, many=request.scenes is not None)
    for scene, (path, fields) in zip(spec.scenes, paths, strict=True):
        yield from where_given(speech.of(scene, path), fields, request, path)


def stored_spec(request: AudioRequest, spec: AudioSpec) -> dict[str, Any]:
    """Returns the stored form of the request, as JSON, with defaults filled in."""
    return {"request": understood(request, spec.scenes), "format": spec.format}


AUDIO: JobKind[Components, AudioRequest] = JobKind(
    name="audio",
    url="/v1/audio/jobs",
    request=AudioRequest,
    plan=plan_audio,
    present=audio_object,
    failed_field=failed_field,
    object_model=AudioObject,
    variants={"audio": ".mp3"},
    suffixes={
        "audio/mpeg": ".mp3",
        "audio/mp4": ".m4a",
        "audio/wav": ".wav",
        "audio/ogg": ".opus",
        "audio/flac": ".flac",
    },
    router=router,
)
