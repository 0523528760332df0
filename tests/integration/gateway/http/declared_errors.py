"""Ways to meet every error that the API declares: one for each endpoint and status."""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

import httpx2
from fastapi import FastAPI

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.errors import ArtifactMissing, EngineCrashed, LikenessError, TimedOut
from services.chassis.storage import Artifact
from services.gateway.app import build_app
from services.gateway.assets.admission import UploadAdmission
from services.gateway.components import Components
from services.gateway.db.pool import Pool
from services.gateway.http.protection.rate_limits import RequestLimits
from services.gateway.speech.admission import SpeechSlots
from services.gateway.speech.client import SpeechClient, SpokenChunk
from services.gateway.speech.conversion_client import ConversionClient
from tests.examples import READER
from tests.integration.gateway.gateway import Gateway, picture
from tests.integration.gateway.waiting import eventually

UNKNOWN = "unknown"
NUL = "%00"
JSON = {"content-type": "application/json"}
JSON_LINES = {"content-type": "application/jsonl"}
TO_TEXT_PATHS = ("/v1/audio/transcriptions", "/v1/speech-to-text")
VOICES_PATH = "/v1/audio/voices"
ADD_VOICE_PATH = "/v1/voices/add"
KIND_URLS = ("/v1/videos", "/v1/audio/jobs", VOICES_PATH)
REMIXED_URLS = ("/v1/videos", "/v1/audio/jobs")
PREVIEW_PATH = "/v1/voices/{voice_id}/preview"
SPEECH_PATHS = (
    "/v1/audio/speech",
    "/v1/text-to-speech",
    "/v1/speech-to-speech",
    "/v1/voice-changer",
    PREVIEW_PATH,
    *TO_TEXT_PATHS,
)


class BrokenPool:
    """A pool of connections that raises an error in place of a connection."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def acquire(self) -> Any:
        raise self._error


class RaisingServices:
    """Clients of the services that speak and convert, which raise an error."""

    def __init__(self, error: LikenessError) -> None:
        self._error = error

    async def synthesize(
        self, engine: str, task: SynthesisTask, speaker: Artifact | None
    ) -> AsyncGenerator[SpokenChunk, None]:
        raise self._error
        yield

    async def convert(self, *_: object) -> dict[str, Artifact]:
        raise self._error


@dataclass(frozen=True)
class Api:
    """A gateway whose application is called in this process, with components as the error needs them."""

    app: FastAPI
    gateway: Gateway
    portrait: str
    recording: str

    async def send(
        self,
        method: str,
        path: str,
        *,
        key: bool = True,
        components: Components | None = None,
        **request: Any,
    ) -> httpx2.Response:
        self.app.state.components = components or self.gateway.components
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
        headers = dict(self.gateway.http.headers) if key else {}
        headers = {name: headers[name] for name in headers if name == "authorization"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as http:
            return await http.request(method, path, headers=headers | request.pop("headers", {}), **request)

    async def post(self, path: str, **request: Any) -> httpx2.Response:
        return await self.send("POST", path, **request)

    async def without_database(self, method: str, path: str, error: Exception) -> httpx2.Response:
        pool = cast(Pool, BrokenPool(error))
        return await self.send(method, path, components=replace(self.gateway.components, pool=pool))

    def with_services(self, error: LikenessError) -> Components:
        raising = RaisingServices(error)
        return replace(
            self.gateway.components,
            speech=cast(SpeechClient, raising),
            conversion=cast(ConversionClient, raising),
        )

    async def create(self, url: str, **changes: Any) -> dict[str, Any]:
        """Creates a job of the kind of that URL, which no worker runs."""
        response = await self.post(url, json=self.request_for(url) | changes)
        assert response.status_code == 200, response.text
        return response.json()

    def request_for(self, url: str) -> dict[str, Any]:
        if url == VOICES_PATH:
            return {"name": "Anna", "references": [self.recording], "consent": "Anna has agreed."}
        portrait = {} if url.startswith("/v1/audio") else {"image": self.portrait}
        return {"script": f"Hello {secrets.token_hex(4)}.", **portrait}

    async def execute(self, query: str, *arguments: object) -> None:
        await self.gateway.components.pool.execute(query, *arguments)


Provoke = Callable[[Api, str, str], Awaitable[httpx2.Response]]
"""Takes method and path; provokes the error."""


def filled(path: str, value: str) -> str:
    """Returns the path with the value in place of its parameter."""
    start, brace, rest = path.partition("{")
    return f"{start}{value}{rest.partition('}')[2]}" if brace else path


def kind_url(path: str) -> str:
    """Returns the URL at which a job can be created that the path shows."""
    return next((url for url in KIND_URLS if path.startswith(url)), "/v1/videos")


async def no_key(api: Api, method: str, path: str) -> httpx2.Response:
    return await api.send(method, filled(path, UNKNOWN), key=False)


async def declared_too_large(api: Api, method: str, path: str) -> httpx2.Response:
    return await api.send(method, filled(path, UNKNOWN), headers={"content-length": str(1 << 40)})


async def nul_in_the_url(api: Api, method: str, path: str) -> httpx2.Response:
    return await api.send(method, f"{filled(path, UNKNOWN)}?any={NUL}")


async def nothing_there(api: Api, method: str, path: str) -> httpx2.Response:
    return await api.send(method, filled(path, UNKNOWN), json={})


@cache
def strict_app() -> FastAPI:
    """Returns an API that allows one request a minute."""
    limits = RequestLimits(per_minute=1, per_minute_of_address=1)
    return build_app(lambda: nullcontext(cast(Components, None)), [], request_limits=limits)


async def too_many(api: Api, method: str, path: str) -> httpx2.Response:
    strict = replace(api, app=strict_app())
    await strict.send(method, filled(path, UNKNOWN), key=False)
    return await strict.send(method, filled(path, UNKNOWN), key=False)


async def gateway_fails(api: Api, method: str, path: str) -> httpx2.Response:
    return await api.without_database(method, filled(path, UNKNOWN), RuntimeError("broken"))


async def database_is_away(api: Api, method: str, path: str) -> httpx2.Response:
    return await api.without_database(method, filled(path, UNKNOWN), ConnectionRefusedError("away"))


async def unreadable_body(api: Api, method: str, path: str) -> httpx2.Response:
    form = {"content-type": "multipart/form-data; boundary=b"}
    asset = filled(path, api.recording)
    target = filled(path, (await api.create(kind_url(path)))["id"]) if "{job_id}" in path else asset
    damaged = await api.send(method, target, content=b"damaged", headers=form)
    return (
        damaged
        if damaged.status_code == 400
        else await api.send(method, target, content=b'{"a": "\xff"}', headers=JSON)
    )


async def another_content_type(api: Api, method: str, path: str) -> httpx2.Response:
    target = filled(path, (await api.create(kind_url(path)))["id"]) if "{job_id}" in path else path
    return await api.send(method, target, content=b"text", headers={"content-type": "text/plain"})


async def no_media(api: Api, method: str, path: str) -> httpx2.Response:
    field = "file" if path in ("/v1/assets", *TO_TEXT_PATHS) else "audio"
    field = "files" if path == ADD_VOICE_PATH else field
    target = filled(path, api.recording)
    return await api.send(method, target, data={"name": "Anna"}, files={field: ("a.txt", b"no media at all")})


async def uploaded_no_media(api: Api, method: str, path: str) -> httpx2.Response:
    data = b"no media at all"
    upload = (await api.post("/v1/assets/uploads", json={"filename": "a", "bytes": len(data)})).json()
    async with httpx2.AsyncClient() as store:
        sent = await store.put(upload["url"], content=data, headers=upload["headers"])
    assert sent.is_success, sent.text
    return await api.send(method, filled(path, upload["id"]))


async def uploaded_nothing_in_bytes(api: Api, method: str, path: str) -> httpx2.Response:
    upload = (await api.post("/v1/assets/uploads", json={"filename": "a", "bytes": 1})).json()
    await api.execute(
        "UPDATE uploads SET object_key = $2 WHERE id = $1",
        upload["id"],
        (await api.gateway.components.store.put_bytes("default", b"", "text/plain")).key,
    )
    return await api.send(method, filled(path, upload["id"]))


async def line_break_in_the_path(api: Api, method: str, path: str) -> httpx2.Response:
    return await api.send(method, filled(path, "two%0Alines"), json={"respelling": "two"})


async def nothing_uploaded(api: Api, method: str, path: str) -> httpx2.Response:
    upload = (await api.post("/v1/assets/uploads", json={"filename": "a", "bytes": 1})).json()
    return await api.send(method, filled(path, upload["id"]))


async def job_is_not_ready(api: Api, method: str, path: str) -> httpx2.Response:
    return await api.send(method, filled(path, (await api.create(kind_url(path)))["id"]))


async def request_was_not_kept(api: Api, method: str, path: str) -> httpx2.Response:
    job = await api.create(kind_url(path))
    await api.execute("UPDATE jobs SET spec = spec - 'request' WHERE id = $1", job["id"])
    return await api.send(method, filled(path, job["id"]), json={})


async def object_of_the_key_was_deleted(api: Api, method: str, path: str) -> httpx2.Response:
    request, headers = api.request_for(path), {"idempotency-key": secrets.token_hex(8)}
    made = (await api.send(method, path, json=request, headers=headers)).json()
    await api.send("DELETE", f"{path}/{made['id']}")
    return await api.send(method, path, json=request, headers=headers)


async def voice_is_not_ready(api: Api, method: str, path: str) -> httpx2.Response:
    voice = await api.create(VOICES_PATH)
    return await api.send(method, path, json=api.request_for(kind_url(path)) | {"voice": voice["id"]})


async def voice_of_an_engine(api: Api, method: str, path: str) -> httpx2.Response:
    return await api.send(method, filled(path, "en-us"))


async def add_voice(api: Api, **changes: str) -> httpx2.Response:
    form = {"name": "Anna", "consent": "Anna has agreed."} | changes
    files = {"files": ("reader.wav", READER.read_bytes())}
    return await api.post(ADD_VOICE_PATH, data=form, files=files)


async def nobody_has_agreed(api: Api, method: str, path: str) -> httpx2.Response:
    if path == ADD_VOICE_PATH:
        return await add_voice(api, consent="")
    return await api.send(method, path, json=api.request_for(path) | {"consent": None})


async def voice_is_deleted_meanwhile(api: Api, method: str, path: str) -> httpx2.Response:
    name = f"Anna {secrets.token_hex(4)}"
    adding = asyncio.create_task(add_voice(api, name=name))

    async def made() -> str | None:
        listed = (await api.send("GET", VOICES_PATH)).json()["data"]
        return next((voice["id"] for voice in listed if voice["name"] == name), None)

    voice = await eventually(made)
    await api.send("DELETE", f"{VOICES_PATH}/{voice}")
    return await adding


async def kind_is_not_registered(api: Api, method: str, path: str) -> httpx2.Response:
    job = await api.create("/v1/videos")
    stage = job["stages"][0]["id"]
    await api.execute(
        "UPDATE stages SET state = 'failed', error_reason = 'engine_crashed' WHERE id = $1", stage
    )
    await api.execute("UPDATE jobs SET status = 'failed', kind = 'banner' WHERE id = $1", job["id"])
    return await api.send(method, filled(path, stage))


async def name_is_taken(api: Api, method: str, path: str) -> httpx2.Response:
    effect = {"name": f"e{secrets.token_hex(4)}", "steps": [{"effect": "echo"}]}
    await api.send(method, path, json=effect)
    return await api.send(method, path, json=effect)


async def avatars_are_full(api: Api, method: str, path: str) -> httpx2.Response:
    await api.execute(
        "INSERT INTO avatars (id, workspace_id, name, image, created_at) "
        "SELECT 'avatar_' || n, 'default', 'a', $1, now() FROM generate_series(1, 1000) n",
        api.portrait,
    )
    response = await api.send(method, path, json={"name": "One more", "image": api.portrait})
    await api.execute("DELETE FROM avatars")
    return response


async def lexicon_is_full(api: Api, method: str, path: str) -> httpx2.Response:
    await api.execute(
        "INSERT INTO pronunciations (workspace_id, folded, word, ipa, respelling, updated_at) "
        "SELECT 'default', 'w' || n, 'w' || n, '', 'x', now() FROM generate_series(1, 5000) n"
    )
    response = await api.send(method, filled(path, "more"), json={"respelling": "more"})
    await api.execute("DELETE FROM pronunciations")
    return response


async def speak(api: Api, method: str, path: str, components: Components) -> httpx2.Response:
    if path.startswith(("/v1/speech-to-speech", "/v1/voice-changer")):
        files = {"audio": ("reader.wav", READER.read_bytes())}
        return await api.send(method, filled(path, api.recording), files=files, components=components)
    if path in TO_TEXT_PATHS:
        files = {"file": ("reader.wav", READER.read_bytes())}
        return await api.send(method, path, files=files, components=components)
    if path == PREVIEW_PATH:
        return await api.send(method, filled(path, "en-us"), components=components)
    body = {"input": "Hello.", "text": "Hello."}
    return await api.send(method, filled(path, "en-us"), json=body, components=components)


def service_raises(error: LikenessError) -> Provoke:
    async def provoke(api: Api, method: str, path: str) -> httpx2.Response:
        return await speak(api, method, path, api.with_services(error))

    return provoke


async def engine_crashes(api: Api, method: str, path: str) -> httpx2.Response:
    return await service_raises(EngineCrashed("It died."))(api, method, path)


async def no_slot_for_speech(api: Api, method: str, path: str) -> httpx2.Response:
    return await speak(api, method, path, replace(api.gateway.components, speech_slots=SpeechSlots(0, 0)))


async def no_room_for_the_upload(api: Api, method: str, path: str) -> httpx2.Response:
    admission = UploadAdmission(per_workspace=0, disk_bytes=0)
    components = replace(api.gateway.components, admission=admission)
    form = {"content-type": "multipart/form-data; boundary=b"}
    target = filled(path, UNKNOWN)
    if path.endswith("/complete"):
        upload = (await api.post("/v1/assets/uploads", json={"filename": "a", "bytes": 4})).json()
        async with httpx2.AsyncClient() as store:
            await store.put(upload["url"], content=b"file", headers=upload["headers"])
        target = filled(path, upload["id"])
    return await api.send(method, target, content=b"any", headers=form, components=components)


async def uploads_are_full(api: Api, method: str, path: str) -> httpx2.Response:
    settings = api.gateway.components.settings.model_copy(update={"max_open_uploads": 0})
    components = replace(api.gateway.components, settings=settings)
    return await api.send(method, path, json={"filename": "a", "bytes": 4}, components=components)


GENERIC: Mapping[int, Provoke] = {
    400: unreadable_body,
    401: no_key,
    404: nothing_there,
    413: declared_too_large,
    415: another_content_type,
    422: nul_in_the_url,
    429: too_many,
    500: gateway_fails,
    503: database_is_away,
}
"""For each status, what provokes it at most endpoints."""
SPECIFIC: Mapping[tuple[str, int], Provoke] = {
    ("POST /v1/assets", 415): no_media,
    ("POST /v1/assets/uploads/{upload_id}/complete", 400): uploaded_nothing_in_bytes,
    ("POST /v1/assets/uploads/{upload_id}/complete", 409): nothing_uploaded,
    ("POST /v1/assets/uploads/{upload_id}/complete", 415): uploaded_no_media,
    ("POST /v1/assets", 429): no_room_for_the_upload,
    ("POST /v1/assets/uploads/{upload_id}/complete", 429): no_room_for_the_upload,
    ("POST /v1/assets/uploads", 409): uploads_are_full,
    ("POST /v1/avatars", 409): avatars_are_full,
    ("POST /v1/effects", 409): name_is_taken,
    ("PUT /v1/lexicon/{word}", 404): line_break_in_the_path,
    ("PUT /v1/lexicon/{word}", 409): lexicon_is_full,
    ("POST /v1/dead-letters/{stage_id}/redrive", 409): kind_is_not_registered,
    **{(f"GET {url}/{{job_id}}/content", 409): job_is_not_ready for url in ("/v1/jobs", *KIND_URLS)},
    **{(f"POST {url}", 409): object_of_the_key_was_deleted for url in KIND_URLS},
    **{(f"POST {url}/{{job_id}}/remix", 409): request_was_not_kept for url in REMIXED_URLS},
    **{(f"POST {url}/estimate", 409): voice_is_not_ready for url in REMIXED_URLS},
    (f"POST {VOICES_PATH}", 403): nobody_has_agreed,
    (f"POST {ADD_VOICE_PATH}", 403): nobody_has_agreed,
    (f"POST {ADD_VOICE_PATH}", 404): voice_is_deleted_meanwhile,
    (f"POST {ADD_VOICE_PATH}", 415): no_media,
    ("DELETE /v1/voices/{voice_id}", 409): voice_of_an_engine,
}
"""What provokes a status at one endpoint."""
OF_SPEECH: Mapping[int, Provoke] = {
    429: no_slot_for_speech,
    409: service_raises(ArtifactMissing("It is gone.")),
    415: no_media,
    500: engine_crashes,
    504: service_raises(TimedOut("Too slow.")),
}
"""What provokes a status at endpoints that wait for a service."""


def provoker_of(method: str, path: str, status: int) -> Provoke | None:
    """Returns what provokes the error; `None` if nothing is known to."""
    if (found := SPECIFIC.get((f"{method} {path}", status))) is not None:
        return found
    if path.startswith(SPEECH_PATHS) and status in OF_SPEECH:
        return OF_SPEECH[status]
    return GENERIC.get(status)


async def open_api(app: FastAPI, gateway: Gateway) -> Api:
    """Stores a portrait and a recording for the requests."""
    portrait = await gateway.upload(picture())
    recording = await gateway.upload(READER.read_bytes(), "reader.wav")
    return Api(app, gateway, portrait, recording)


def told(response: httpx2.Response) -> dict[str, Any]:
    return json.loads(response.text)["error"]
