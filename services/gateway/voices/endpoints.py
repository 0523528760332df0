"""`/v1/voices` and `/v2/voices`: the voices of TTS engines and the workspace's cloned ones, in one shape."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.chassis.text.quoted import quoted
from services.gateway.components import Components, Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.caching import NOT_MODIFIED, REVALIDATED, etag_of
from services.gateway.http.declared import errors
from services.gateway.http.disconnect import while_connected
from services.gateway.http.errors import ApiError, not_found
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.speech.declared import CLONED, SERVICES, audio
from services.gateway.speech.slots import HOLDS_SLOT, LIMITED
from services.gateway.voices.cloned import ClonedVoice, find, is_cloned, ready_voices
from services.gateway.voices.preview import FORMAT, cloned_preview, preview
from services.gateway.voices.search import ALL_LANGUAGES, VoiceFilter, page_of

router = APIRouter(tags=["voices"], dependencies=REQUIRES_KEY, route_class=GuardedRoute)


class VoiceSettings(BaseModel):
    speed: float = 1.0


class VoiceObject(BaseModel):
    """A voice. `voice_id`, `category`, `labels` and `settings` repeat its properties for ElevenLabs'
    clients."""

    id: str
    object: Literal["voice"] = "voice"
    name: str
    language: str = Field(description="BCP 47 tag; `mul` for a cloned voice: it speaks all of its engine's.")
    gender: str | None
    accent: str | None = Field(description="Such as American; null if it is not known.")
    age: str | None = Field(description="young, middle_aged or old; null if it is not known.")
    style: str | None = Field(description="Such as warm; null if it is not known.")
    description: str | None
    preview_url: str = Field(description="Where a sentence in this voice is, as MP3. It needs the key, too.")
    engine: str
    status: Literal["ready", "processing", "failed"] = Field(
        default="ready", description="A cloned voice speaks once it is ready."
    )
    voice_id: str
    category: Literal["premade", "cloned"] = "premade"
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

    @classmethod
    def of_cloned(cls, voice: ClonedVoice) -> "VoiceObject":
        labels: Mapping[str, str] = voice.request.get("labels") or {}
        language = {"language": voice.language} if voice.language else {}
        return cls(
            id=voice.id,
            name=voice.request["name"],
            language=ALL_LANGUAGES,
            gender=labels.get("gender"),
            accent=labels.get("accent"),
            age=labels.get("age"),
            style=labels.get("descriptive"),
            description=voice.request.get("description"),
            preview_url=f"/v1/voices/{voice.id}/preview",
            engine=voice.engine,
            status="ready" if voice.speaker else "failed" if voice.status.terminal else "processing",
            voice_id=voice.id,
            category="cloned",
            labels={**language, **labels, "engine": voice.engine},
        )


class VoiceDeleted(BaseModel):
    """A deleted voice; `status` is for ElevenLabs' clients."""

    id: str
    object: Literal["voice.deleted"] = "voice.deleted"
    deleted: Literal[True] = True
    status: Literal["ok"] = "ok"


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
    """List the cloned voices that are ready, the newest first, then those of all TTS engines; `language`
    keeps those whose tag begins with it."""
    wanted = VoiceFilter(language=language)
    found = [each for each in await all_voices(components, workspace) if wanted.matches(each)]
    return VoiceList(data=found, voices=found)


@router.get("/v1/voices/{voice_id}", responses=errors({404: "voice_not_found", 503: "engine_unavailable"}))
async def get_voice(voice_id: str, workspace: Workspace, components: Wired) -> VoiceObject:
    """Get a voice. A cloned one is there from its creation on."""
    if is_cloned(voice_id):
        return VoiceObject.of_cloned(await find_cloned(components, workspace, voice_id))
    return VoiceObject.of(*find_voice(components, voice_id))


@router.delete(
    "/v1/voices/{voice_id}",
    responses=errors({404: "voice_not_found", 409: "voice_premade", 503: "engine_unavailable"}),
)
async def delete_voice(voice_id: str, workspace: Workspace, components: Wired) -> VoiceDeleted:
    """Delete a cloned voice. Its recordings stay as assets."""
    if not is_cloned(voice_id):
        spec, voice = find_voice(components, voice_id)
        message = f"The voice {quoted(voice.id)} is one of {spec.name}'s own: it cannot be deleted."
        raise ApiError(409, "voice_premade", message, "voice_id")
    await find_cloned(components, workspace, voice_id)
    if not await components.jobs.writer.delete(workspace, voice_id):
        raise not_found("voice", voice_id)
    return VoiceDeleted(id=voice_id)


@router.get(
    "/v1/voices/{voice_id}/preview",
    response_class=Response,
    responses=audio([FORMAT])
    | NOT_MODIFIED
    | errors(SERVICES, LIMITED, CLONED, {404: "voice_not_found", 503: "engine_unavailable"}),
    dependencies=HOLDS_SLOT,
)
async def get_preview(voice_id: str, workspace: Workspace, components: Wired, request: Request) -> Response:
    """Get a sentence in this voice, as MP3."""
    if is_cloned(voice_id):
        found = await find_cloned(components, workspace, voice_id)
        making = cloned_preview(components, workspace, found.ready("voice_id"))
    else:
        making = preview(components, workspace, *find_voice(components, voice_id))
    data = await while_connected(request, making)
    headers = {"etag": etag_of(hashlib.sha256(data).hexdigest()), "cache-control": REVALIDATED}
    return Response(data, media_type=FORMAT.media_type, headers=headers)


@router.get("/v2/voices", responses=errors({422: "page_token_invalid"}))
async def search_voices(
    workspace: Workspace, components: Wired, query: Annotated[VoiceFilter, Query()]
) -> VoicePage:
    """Search for voices, a page at a time, as ElevenLabs' clients do."""
    found = [each for each in await all_voices(components, workspace) if query.matches(each)]
    voices, token = page_of(found, query.page_size, query.next_page_token)
    return VoicePage(voices=voices, has_more=token is not None, total_count=len(found), next_page_token=token)


async def all_voices(components: Components, workspace: str) -> list[VoiceObject]:
    async with components.pool.acquire() as connection:
        cloned = await ready_voices(connection, workspace)
    engines = components.catalogue.engines("tts")
    preset = (VoiceObject.of(spec, voice) for spec in engines for voice in spec.voices)
    return [*map(VoiceObject.of_cloned, cloned), *preset]


def find_voice(components: Components, voice_id: str) -> tuple[EngineSpec, Voice]:
    """Returns the engine's voice. Raises a 404 if there is none."""
    try:
        return components.catalogue.voice(voice_id, None, "voice_id")
    except ApiError as exc:
        raise not_found("voice", voice_id) from exc


async def find_cloned(components: Components, workspace: str, voice_id: str) -> ClonedVoice:
    """Returns the workspace's cloned voice. Raises a 404 if there is none."""
    async with components.pool.acquire() as connection:
        found = await find(connection, workspace, [voice_id])
    if voice_id not in found:
        raise not_found("voice", voice_id)
    return found[voice_id]
