"""`/v1/voices` and `/v2/voices`: the voices of all TTS engines, in one shape for all clients."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.gateway.components import Wired
from services.gateway.engines.catalogue import Catalogue
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.caching import NOT_MODIFIED, REVALIDATED, etag_of
from services.gateway.http.declared import errors
from services.gateway.http.disconnect import while_connected
from services.gateway.http.errors import ApiError, not_found
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.speech.declared import SERVICES, audio
from services.gateway.speech.slots import HOLDS_SLOT, LIMITED
from services.gateway.voices.preview import FORMAT, preview
from services.gateway.voices.search import VoiceFilter, page_of

router = APIRouter(tags=["voices"], dependencies=REQUIRES_KEY, route_class=GuardedRoute)


class VoiceSettings(BaseModel):
    speed: float = 1.0


class VoiceObject(BaseModel):
    """A voice. `voice_id`, `category`, `labels` and `settings` repeat its properties for ElevenLabs'
    clients."""

    id: str
    object: Literal["voice"] = "voice"
    name: str
    language: str
    gender: str | None
    accent: str | None = Field(description="Such as American; null if it is not known.")
    age: str | None = Field(description="young, middle_aged or old; null if it is not known.")
    style: str | None = Field(description="Such as warm; null if it is not known.")
    description: str | None
    preview_url: str = Field(description="Where a sentence in this voice is, as MP3. It needs the key, too.")
    engine: str
    voice_id: str
    category: Literal["premade"] = "premade"
    labels: dict[str, str]
    settings: VoiceSettings = VoiceSettings()

    @classmethod
    def of(cls, spec: EngineSpec, voice: Voice) -> "VoiceObject":
        labels = {
            "language": voice.language,
            "gender": voice.gender,
            "accent": voice.accent,
            "age": voice.age,
            "descriptive": voice.style,
            "engine": spec.name,
        }
        return cls(
            id=voice.id,
            name=voice.name,
            language=voice.language,
            gender=voice.gender or None,
            accent=voice.accent or None,
            age=voice.age or None,
            style=voice.style or None,
            description=voice.description or None,
            preview_url=f"/v1/voices/{spec.name}:{voice.id}/preview",
            engine=spec.name,
            voice_id=voice.id,
            labels={name: label for name, label in labels.items() if label},
        )


class VoiceList(BaseModel):
    """A list of voices; `voices` is the same as `data`, for ElevenLabs' clients."""

    object: Literal["list"] = "list"
    data: list[VoiceObject]
    voices: list[VoiceObject]


class VoicePage(BaseModel):
    """A page of voices in the shape of ElevenLabs' API."""

    voices: list[VoiceObject]
    has_more: bool
    total_count: int
    next_page_token: str | None


@router.get("/v1/voices")
async def list_voices(workspace: Workspace, components: Wired, language: str | None = None) -> VoiceList:
    """List the voices of all TTS engines; `language` keeps those whose tag begins with it."""
    wanted = VoiceFilter(language=language)
    found = [each for each in all_voices(components.catalogue) if wanted.matches(each)]
    return VoiceList(data=found, voices=found)


@router.get("/v1/voices/{voice_id}", responses=errors({404: "voice_not_found", 503: "engine_unavailable"}))
async def get_voice(voice_id: str, workspace: Workspace, components: Wired) -> VoiceObject:
    """Get a voice."""
    try:
        spec, voice = components.catalogue.voice(voice_id, None, "voice_id")
    except ApiError as exc:
        raise not_found("voice", voice_id) from exc
    return VoiceObject.of(spec, voice)


@router.get(
    "/v1/voices/{voice_id}/preview",
    response_class=Response,
    responses=audio([FORMAT])
    | NOT_MODIFIED
    | errors(SERVICES, LIMITED, {404: "voice_not_found", 503: "engine_unavailable"}),
    dependencies=HOLDS_SLOT,
)
async def get_preview(voice_id: str, workspace: Workspace, components: Wired, request: Request) -> Response:
    """Get a sentence in this voice, as MP3."""
    try:
        spec, voice = components.catalogue.voice(voice_id, None, "voice_id")
    except ApiError as exc:
        raise not_found("voice", voice_id) from exc
    data = await while_connected(request, preview(components, workspace, spec, voice))
    headers = {"etag": etag_of(hashlib.sha256(data).hexdigest()), "cache-control": REVALIDATED}
    return Response(data, media_type=FORMAT.media_type, headers=headers)


@router.get("/v2/voices", responses=errors({422: "page_token_invalid"}))
async def search_voices(
    workspace: Workspace, components: Wired, query: Annotated[VoiceFilter, Query()]
) -> VoicePage:
    """Search for voices, a page at a time, as ElevenLabs' clients do."""
    found = [each for each in all_voices(components.catalogue) if query.matches(each)]
    voices, token = page_of(found, query.page_size, query.next_page_token)
    return VoicePage(voices=voices, has_more=token is not None, total_count=len(found), next_page_token=token)


def all_voices(catalogue: Catalogue) -> Iterator[VoiceObject]:
    for spec in catalogue.engines("tts"):
        for voice in spec.voices:
            yield VoiceObject.of(spec, voice)
