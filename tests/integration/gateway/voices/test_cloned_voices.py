"""Cloned voices: made as jobs, listed with the others, and spoken in."""

import asyncio
from typing import Any

import pytest

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.engine_api.quality import judge
from services.chassis.errors import InvalidArgument
from services.gateway.accounts import repository as accounts
from services.gateway.http.errors import ApiError
from services.gateway.voices.waiting import until_ready
from tests.examples import READER
from tests.integration.gateway.fake_workers import FakeWorkers, fail_first, start_only
from tests.integration.gateway.gateway import TERMINAL, Gateway
from tests.integration.gateway.waiting import eventually

URL = "/v1/audio/voices"
CONSENT = "Anna has agreed."
FORM = {"name": "Anna", "consent": CONSENT, "description": "Low.", "labels": '{"accent": "Scottish"}'}


async def clone(gateway: Gateway, **changes: str) -> dict[str, Any]:
    files = {"audio_sample": ("reader.wav", READER.read_bytes())}
    response = await gateway.http.post(URL, data=FORM | changes, files=files)
    assert response.status_code == 200, response.text
    return response.json()


async def made(gateway: Gateway, voice: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        found = (await gateway.http.get(f"{URL}/{voice}")).raise_for_status().json()
        return found if found["status"] in TERMINAL else None

    found = await eventually(look)
    assert found is not None
    return found


async def listed(gateway: Gateway, key: str | None = None, **query: str) -> list[str]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    response = await gateway.http.get("/v1/voices", params=query, headers=headers)
    return [voice["id"] for voice in response.json()["data"]]


async def refusal(gateway: Gateway, voice: str, url: str = "/v1/audio/jobs") -> tuple[int, str, str]:
    response = await gateway.http.post(url, json={"script": "Hello.", "voice": voice})
    error = response.json()["error"]
    return response.status_code, error["code"], error["param"]


async def test_a_voice_is_made_listed_spoken_in_and_deleted(gateway: Gateway, workers: FakeWorkers):
    tts = workers["tts"]
    tts.checks = (
        judge("speaker_similarity", 0.8312, lower=0.6, seen="It sounds like another person."),
        judge("speaker_intelligibility", 1.0, lower=0.8, seen="Few words are understood."),
    )
    voice = await clone(gateway)
    assert (voice["object"], voice["name"], voice["similarity"]) == ("voice", "Anna", None)
    command = await tts.received()
    task = SynthesisTask()
    assert command.task.Unpack(task)
    assert task.WhichOneof("instead") == "cloning"
    assert list(command.inputs) == ["reference"]
    ended = await made(gateway, voice["id"])
    assert (ended["status"], ended["similarity"], ended["intelligibility"]) == ("completed", 0.831, 1.0)
    assert ended["request"]["consent"] == CONSENT
    shown = (await gateway.http.get(f"/v1/voices/{voice['id']}")).json()
    assert (shown["category"], shown["status"], shown["accent"]) == ("cloned", "ready", "Scottish")
    assert (await listed(gateway))[0] == voice["id"]
    assert (await listed(gateway, language="de"))[0] == voice["id"]

    body = {"script": "Guten Tag, wie geht es Ihnen heute?", "voice": voice["id"]}
    job = (await gateway.http.post("/v1/audio/jobs", json=body)).raise_for_status().json()
    command = await tts.received(2)
    assert command.task.Unpack(task)
    assert (task.voice, list(command.inputs)) == ("de", ["speaker"])
    assert job["request"]["voice"] == voice["id"]

    deleted = (await gateway.http.delete(f"/v1/voices/{voice['id']}")).json()
    assert deleted == {"id": voice["id"], "object": "voice.deleted", "deleted": True, "status": "ok"}
    assert voice["id"] not in await listed(gateway)
    assert await refusal(gateway, voice["id"]) == (422, "voice_unknown", "voice")


async def test_equal_recordings_are_searched_once(gateway: Gateway, workers: FakeWorkers):
    first = await made(gateway, (await clone(gateway))["id"])
    second = await made(gateway, (await clone(gateway, name="The same"))["id"])
    assert [voice["stages"][0]["cache"] for voice in (first, second)] == ["miss", "hit"]


async def test_a_voice_belongs_to_its_workspace(gateway: Gateway, workers: FakeWorkers):
    async with gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
    voice = (await made(gateway, (await clone(gateway))["id"]))["id"]
    headers = {"Authorization": "Bearer key of other"}
    assert voice not in await listed(gateway, "key of other")
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/preview")):
        response = await gateway.http.request(method, f"/v1/voices/{voice}{path}", headers=headers)
        assert response.status_code == 404
    body = {"script": "Hello.", "voice": voice}
    response = await gateway.http.post("/v1/audio/jobs", json=body, headers=headers)
    assert response.json()["error"]["code"] == "voice_unknown"


@pytest.mark.parametrize("url", ["/v1/audio/jobs", "/v1/audio/jobs/estimate"])
async def test_a_voice_that_is_not_made_is_refused(gateway: Gateway, workers: FakeWorkers, url: str):
    workers["tts"].behaviour = start_only
    voice = await clone(gateway)
    assert await refusal(gateway, voice["id"], url) == (409, "voice_not_ready", "voice")
    await gateway.http.post(f"{URL}/{voice['id']}/cancel")
    await made(gateway, voice["id"])
    assert await refusal(gateway, voice["id"], url) == (422, "voice_failed", "voice")


async def test_recordings_that_the_engine_refuses_are_named(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].behaviour = fail_first(InvalidArgument("Two people speak."), 5)
    voice = await made(gateway, (await clone(gateway))["id"])
    assert (voice["status"], voice["error"]["param"]) == ("failed", "audio_sample")
    shown = (await gateway.http.get(f"/v1/voices/{voice['id']}")).json()
    assert shown["status"] == "failed"


async def test_direct_speech_waits_for_a_voice_that_is_being_made(gateway: Gateway, workers: FakeWorkers):
    tts = workers["tts"]
    tts.behaviour = start_only
    voice = await clone(gateway)
    command = await tts.received()
    waiting = asyncio.create_task(until_ready(gateway.components, "default", voice["id"], "voice"))
    await tts.finish(command)
    assert (await waiting).id == voice["id"]


async def test_direct_speech_is_refused_when_the_voice_fails(gateway: Gateway, workers: FakeWorkers):
    tts = workers["tts"]
    tts.behaviour = start_only
    voice = await clone(gateway)
    command = await tts.received()
    waiting = asyncio.create_task(until_ready(gateway.components, "default", voice["id"], "voice"))
    await tts.fail(command, InvalidArgument("Two people speak."))
    with pytest.raises(ApiError, match="Two people speak"):
        await waiting


async def test_elevenlabs_form_answers_when_the_voice_is_made(gateway: Gateway, workers: FakeWorkers):
    form = {"name": "Anna", "labels": '{"consent": "Anna has agreed.", "accent": "British"}'}
    files = [("files", ("one.wav", READER.read_bytes())), ("files", ("two.wav", READER.read_bytes()))]
    response = await gateway.http.post("/v1/voices/add", data=form, files=files)
    assert response.status_code == 200, response.text
    voice = (await gateway.http.get(f"/v1/voices/{response.json()['voice_id']}")).json()
    assert (voice["status"], voice["labels"]["accent"]) == ("ready", "British")
    assert "consent" not in voice["labels"]


async def test_the_recordings_of_a_voice_that_fails_stay(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].behaviour = fail_first(InvalidArgument("Two people speak."), 5)
    files = [("files", ("one.wav", READER.read_bytes()))]
    response = await gateway.http.post(
        "/v1/voices/add", data={"name": "Anna", "consent": CONSENT}, files=files
    )
    assert (response.status_code, response.json()["error"]["code"]) == (422, "voice_failed")
    (voice,) = (await gateway.http.get(URL)).json()["data"]
    (asset,) = (await gateway.http.get(f"{URL}/{voice['id']}")).json()["request"]["references"]
    assert (await gateway.http.get(f"/v1/assets/{asset}")).status_code == 200


@pytest.mark.parametrize("labels", ["[1]", "no JSON", '{"accent": 1}'])
async def test_labels_are_texts(gateway: Gateway, workers: FakeWorkers, labels: str):
    files = [("files", ("one.wav", READER.read_bytes()))]
    form = {"name": "Anna", "labels": labels, "consent": CONSENT}
    response = await gateway.http.post("/v1/voices/add", data=form, files=files)
    error = response.json()["error"]
    assert (response.status_code, error["param"]) == (422, "labels")
