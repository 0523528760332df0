"""`/v1/engines` and `/v1/models`: the engines of this installation."""

from datetime import timedelta
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from services.chassis.engine_api.spec import EngineSpec
from services.gateway.components import Wired
from services.gateway.engines import repository
from services.gateway.engines.catalogue import CONVERT, Catalogue, can
from services.gateway.engines.repository import Worker
from services.gateway.http.auth import REQUIRES_KEY, SpeaksElevenLabs, Workspace
from services.gateway.http.declared import errors
from services.gateway.http.errors import not_found
from services.gateway.http.guarded_route import GuardedRoute

router = APIRouter(prefix="/v1", tags=["engines"], dependencies=REQUIRES_KEY, route_class=GuardedRoute)
MODEL_SERVICES = ("video", "tts")
SPEECH_SERVICES = ("tts", "voice")


class WorkerObject(BaseModel):
    id: str
    concurrency: int
    running: int
    started_at: float | None
    seen_at: float


class Limits(BaseModel):
    """Limits of an engine; `null` means that it has none of its own."""

    max_seconds: float | None
    max_characters: int | None
    max_pixels: int | None
    min_speed: float | None
    max_speed: float | None
    max_pitch_semitones: float | None
    piece_megapixel_seconds: float | None
    stage_timeout_seconds: float


class EngineObject(BaseModel):
    object: Literal["engine"] = "engine"
    service: str
    name: str
    version: str
    device_class: Literal["cpu", "gpu"]
    needs_audio: bool
    languages: list[str]
    limits: Limits
    workers: list[WorkerObject]


class EngineList(BaseModel):
    object: Literal["list"] = "list"
    data: list[EngineObject]


class ModelObject(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "likeness"
    service: str


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelObject]


class Language(BaseModel):
    language_id: str
    name: str


class SpeechModel(BaseModel):
    """A model as ElevenLabs' clients read it."""

    model_id: str
    name: str
    can_do_text_to_speech: bool
    can_do_voice_conversion: bool
    maximum_text_length_per_request: int | None
    languages: list[Language]

    @classmethod
    def of(cls, spec: EngineSpec) -> "SpeechModel":
        return cls(
            model_id=spec.name,
            name=spec.name,
            can_do_text_to_speech=spec.service == "tts",
            can_do_voice_conversion=can(spec, CONVERT),
            maximum_text_length_per_request=spec.limits.max_characters or None,
            languages=[Language(language_id=tag, name=tag) for tag in spec.languages],
        )


@router.get("/engines")
async def list_engines(workspace: Workspace, components: Wired) -> EngineList:
    """List every engine that was ever announced, with its live workers."""
    since = components.clock() - timedelta(seconds=components.settings.worker_timeout_seconds)
    async with components.pool.acquire() as connection:
        specs = await repository.all_engines(connection)
        workers = await repository.live_workers(connection, since)
    return EngineList(data=[engine_object(spec, workers) for spec in specs])


@router.get("/models")
async def list_models(
    workspace: Workspace, components: Wired, elevenlabs: SpeaksElevenLabs
) -> ModelList | list[SpeechModel]:
    """List the engines that a request can name as its model: video engines, the default first, then TTS
    engines.

    ElevenLabs' clients (`xi-api-key`) get the engines that speak and those that convert voices, in their
    shape.
    """
    catalogue = components.catalogue
    if elevenlabs:
        return [SpeechModel.of(spec) for service in SPEECH_SERVICES for spec in catalogue.engines(service)]
    return ModelList(data=models_of(catalogue))


@router.get("/models/{model}", responses=errors({404: "model_not_found"}))
async def get_model(model: str, workspace: Workspace, components: Wired) -> ModelObject:
    """Get a video or TTS engine."""
    for found in models_of(components.catalogue):
        if found.id == model:
            return found
    raise not_found("model", model)


def models_of(catalogue: Catalogue) -> list[ModelObject]:
    specs = [spec for service in MODEL_SERVICES for spec in catalogue.engines(service)]
    return [ModelObject(id=spec.name, service=spec.service) for spec in specs]


def engine_object(spec: EngineSpec, workers: list[Worker]) -> EngineObject:
    limits = spec.limits
    return EngineObject(
        service=spec.service,
        name=spec.name,
        version=spec.version,
        device_class=spec.device_class.value,
        needs_audio=spec.needs_audio,
        languages=list(spec.languages),
        limits=Limits(
            max_seconds=limits.max_seconds or None,
            max_characters=limits.max_characters or None,
            max_pixels=limits.max_pixels or None,
            min_speed=limits.min_speed or None,
            max_speed=limits.max_speed or None,
            max_pitch_semitones=limits.max_pitch_semitones or None,
            piece_megapixel_seconds=limits.piece_megapixel_seconds or None,
            stage_timeout_seconds=limits.stage_timeout_seconds,
        ),
        workers=[
            worker_object(worker)
            for worker in workers
            if (worker.service, worker.engine) == (spec.service, spec.name)
        ],
    )


def worker_object(worker: Worker) -> WorkerObject:
    return WorkerObject(
        id=worker.id,
        concurrency=worker.concurrency,
        running=worker.running,
        started_at=worker.started_at.timestamp() if worker.started_at else None,
        seen_at=worker.announced_at.timestamp(),
    )
