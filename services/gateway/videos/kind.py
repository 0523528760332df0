"""Defines the job kind `video`: how its requests are planned, stored and shown."""

from collections.abc import Iterator, Sequence

from services.chassis.engine_api.video_format import VideoFormat
from services.gateway.avatars.inspector import Portrait
from services.gateway.components import Components
from services.gateway.intake.failed_field import failed_field
from services.gateway.intake.plan_requests import Plannable, plan_requests
from services.gateway.intake.preflight import Question
from services.gateway.intake.references import References
from services.gateway.jobs.kinds import JobKind, Planned
from services.gateway.speech.questions import SpeechQuestions, where_given
from services.gateway.speech.requests import paths_of
from services.gateway.videos.endpoints import router
from services.gateway.videos.plan import parts_of, plan, video_stage_name
from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.resolve import Resolver
from services.gateway.videos.responses import VideoObject, video_object
from services.gateway.videos.spec import OutputSpec, SceneSpec, VideoSpec
from services.gateway.videos.understood import stored_spec


async def plan_videos(
    components: Components, workspace: str, requests: Sequence[VideoRequest]
) -> list[Planned]:
    def prepare(request: VideoRequest, references: References) -> Plannable:
        spec = Resolver(request, references, components.catalogue, components.settings).resolve()
        return Plannable(
            stored_spec(request, spec), plan(spec), tuple(questions_of(components, request, spec))
        )

    return await plan_requests(components, workspace, [each.with_image() for each in requests], prepare)


def questions_of(components: Components, request: VideoRequest, spec: VideoSpec) -> Iterator[Question]:
    """Yields the inspections that the video needs, in the order of its scenes."""
    speech = SpeechQuestions(components.speech, components.conversion)
    paths = paths_of(request.scene_fields, many=request.scenes is not None)
    for number, (scene, (path, fields)) in enumerate(zip(spec.scenes, paths, strict=True)):
        stage = video_stage_name(number, 0, parts_of(scene, spec))
        portrait = portrait_question(components, scene, spec.output, path, stage)
        yield from where_given((*speech.of(scene, path), portrait), fields, request, path)


def portrait_question(
    components: Components, scene: SceneSpec, output: OutputSpec, path: str, stage: str
) -> Question:
    """Returns the question whether the scene's portrait can be rendered, and its prompt be understood."""
    portrait = Portrait(scene.portrait, scene.engine.name, scene.landmarks, scene.face, scene.prompt)
    seen_as = scene.landmarks, scene.face, scene.prompt, output.overlay
    subject = "portrait", scene.engine.name, scene.portrait.sha256, str(seen_as)
    ask = components.portraits.inspect
    return Question(f"{path}image", subject, lambda: ask(portrait, output.overlay), stage=stage)


VIDEO: JobKind[Components, VideoRequest] = JobKind(
    name="video",
    url="/v1/videos",
    request=VideoRequest,
    plan=plan_videos,
    present=video_object,
    failed_field=failed_field,
    object_model=VideoObject,
    variants={"video": ".mp4", "audio": ".m4a", "thumbnail": ".jpg"},
    suffixes={video_format.media_type: video_format.suffix for video_format in VideoFormat},
    router=router,
)
