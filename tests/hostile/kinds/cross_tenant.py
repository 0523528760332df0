"""Ids of another workspace in every path and field that takes one: nothing is found, changed or told."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import httpx2

from services.cli.stack.servers.store_probe import BUCKET
from services.cli.stack.state import running_state
from tests.examples import READER
from tests.hostile.attack import MARKER, Attack, Target
from tests.hostile.victim import EFFECT, SECRET, WORD, Victims

KIND = "cross_tenant"
VICTIMS = Victims()
Send = Callable[[httpx2.AsyncClient, str], Awaitable[httpx2.Response]]
"""Sends a request with an id in it."""

PATHS: Mapping[str, tuple[str, ...]] = {
    "video": (
        "GET /v1/videos/{id}",
        "DELETE /v1/videos/{id}",
        "POST /v1/videos/{id}/cancel",
        "POST /v1/videos/{id}/remix",
        "GET /v1/videos/{id}/content",
        "GET /v1/videos/{id}/content?variant=thumbnail",
        "GET /v1/videos/{id}/events",
        "GET /v1/jobs/{id}",
        "DELETE /v1/jobs/{id}",
        "POST /v1/jobs/{id}/cancel",
        "GET /v1/jobs/{id}/content",
        "GET /v1/jobs/{id}/events",
        "HEAD /v1/jobs/{id}",
    ),
    "audio_job": (
        "GET /v1/audio/jobs/{id}",
        "DELETE /v1/audio/jobs/{id}",
        "POST /v1/audio/jobs/{id}/cancel",
        "POST /v1/audio/jobs/{id}/remix",
        "GET /v1/audio/jobs/{id}/content",
        "GET /v1/audio/jobs/{id}/events",
    ),
    "batch": (
        "GET /v1/batches/{id}",
        "GET /v1/batches/{id}/results",
        "POST /v1/batches/{id}/cancel",
    ),
    "image": ("GET /v1/assets/{id}", "GET /v1/assets/{id}/content", "DELETE /v1/assets/{id}"),
    "recording": ("GET /v1/assets/{id}/content?inline=true",),
    "avatar": ("GET /v1/avatars/{id}", "DELETE /v1/avatars/{id}"),
    "upload": ("POST /v1/assets/uploads/{id}/complete",),
    "stage": ("POST /v1/dead-letters/{id}/redrive",),
    "word": ("GET /v1/lexicon/{id}", "DELETE /v1/lexicon/{id}"),
    "effect": ("GET /v1/effects/{id}", "DELETE /v1/effects/{id}"),
}
"""Endpoints by what is named in their paths."""

JOB = {"script": f"Mine, {MARKER}."}
BODIES: Mapping[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "image": (
        ("/v1/videos", {**JOB, "image": "{id}"}),
        ("/v1/videos", {**JOB, "avatar": {"image": "{id}"}}),
        ("/v1/videos", {**JOB, "input_reference": {"file_id": "{id}"}}),
        ("/v1/videos", {"scenes": [{**JOB, "image": "{id}"}]}),
        ("/v1/videos", {**JOB, "image": "{id}", "dry_run": True}),
        ("/v1/videos/estimate", {**JOB, "image": "{id}"}),
        ("/v1/avatars", {"name": "mine", "image": "{id}"}),
    ),
    "recording": (
        ("/v1/audio/jobs", {"audio": "{id}"}),
        ("/v1/audio/jobs", {"scenes": [JOB, {"audio": "{id}"}]}),
        ("/v1/audio/jobs", {**JOB, "conversion": {"reference": "{id}"}}),
        ("/v1/audio/jobs/estimate", {"audio": "{id}"}),
        ("/v1/videos", {"audio": "{id}", "image": "{id}"}),
        ("/v1/audio/speech", {"input": MARKER, "voice": "{id}"}),
        ("/v1/text-to-speech/{id}", {"text": MARKER}),
        ("/v1/text-to-speech/{id}/with-timestamps", {"text": MARKER}),
    ),
    "avatar": (
        ("/v1/videos", {**JOB, "avatar": "{id}"}),
        ("/v1/videos", {"scenes": [{**JOB, "avatar": "{id}"}]}),
        ("/v1/videos/estimate", {**JOB, "avatar": "{id}"}),
    ),
    "effect": (
        ("/v1/audio/jobs", {**JOB, "effects": ["{id}"]}),
        ("/v1/audio/speech", {"input": MARKER, "effects": ["{id}"]}),
        ("/v1/effects", {"name": "mine", "steps": ["{id}"]}),
    ),
}
"""Bodies of POST by what they name."""

LISTS = (
    "/v1/jobs?limit=100",
    "/v1/jobs?after={video}",
    "/v1/jobs?batch_id={batch}",
    "/v1/jobs?metadata[secret]=owl",
    "/v1/videos?order=asc&limit=100",
    "/v1/audio/jobs?limit=100",
    "/v1/batches?limit=100",
    "/v1/batches?after={batch}",
    "/v1/dead-letters?limit=100",
    "/v1/assets?limit=100",
    "/v1/assets?after={image}",
    "/v1/avatars",
    "/v1/lexicon?limit=1000",
    "/v1/effects",
    "/v1/voices",
    "/v2/voices",
)


def unknown(identity: str) -> str:
    """Returns a name that nothing has, in the shape of one that something has."""
    prefix, _, rest = identity.rpartition("_")
    return f"{prefix}_{'0' * len(rest)}" if prefix else f"{'q' * len(identity)}"


def in_path(line: str) -> Send:
    method, path = line.split(" ")

    async def send(http: httpx2.AsyncClient, identity: str) -> httpx2.Response:
        return await http.request(method, path.replace("{id}", identity))

    return send


def in_body(path: str, body: dict[str, Any]) -> Send:
    async def send(http: httpx2.AsyncClient, identity: str) -> httpx2.Response:
        content = json.dumps(body).replace("{id}", identity)
        headers = {"Content-Type": "application/json"}
        return await http.post(path.replace("{id}", identity), content=content, headers=headers)

    return send


async def in_batch(http: httpx2.AsyncClient, identity: str) -> httpx2.Response:
    lines = [{"custom_id": f"{number}", "body": {**JOB, "image": identity}} for number in range(5)]
    content = "\n".join(map(json.dumps, lines))
    return await http.post("/v1/batches", content=content, headers={"Content-Type": "application/jsonl"})


async def as_voice_to_change_to(http: httpx2.AsyncClient, identity: str) -> httpx2.Response:
    files = {"audio": ("mine.wav", READER.read_bytes())}
    return await http.post(f"/v1/speech-to-speech/{identity}", files=files)


def attack_by_name(named: str, name: str, send: Send) -> Attack:
    """Builds the attack that names an object of the victim.

    The answer must be a refusal, and the same as for a name that nothing has: not even that the object exists
    is told.
    """

    async def run(target: Target) -> None:
        victim = await VICTIMS.of(target)
        identity = {"word": WORD, "effect": EFFECT, "stage": "stage_5f5f5f5f5f5f5f5f", **victim.ids}[named]
        found, missing = await send(target.http, identity), await send(target.http, unknown(identity))
        assert 400 <= found.status_code < 500, f"{found.status_code}: {found.text[:300]}"
        assert SECRET not in found.text
        assert meaning(found) == meaning(missing)

    return Attack(KIND, name, run)


def meaning(response: httpx2.Response) -> tuple[int, str]:
    """Returns the status and the code of an answer."""
    if not response.content:
        return response.status_code, ""
    return response.status_code, response.json()["error"]["code"]


def attack_list(line: str) -> Attack:
    async def run(target: Target) -> None:
        victim = await VICTIMS.of(target)
        response = await target.http.get(line.format(**victim.ids))
        assert response.status_code in (200, 400, 404, 422), response.text
        if response.status_code == 200:
            assert SECRET not in response.text
            assert not [each for each in victim.ids.values() if each in response.text]

    return Attack(KIND, f"list {line}", run)


def attack_store(number: int, query: str) -> Attack:
    """Builds the attack that asks the object store for a victim's file without a signed URL."""

    async def run(target: Target) -> None:
        victim = await VICTIMS.of(target)
        state = running_state(target.data / "stack.json")
        assert state
        # Not by the target's clients: the store is no part of the API, and answers in its own way.
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
            response = await http.get(f"{state.s3_url}/{BUCKET}/{victim.objects[number]}{query}")
        target.answered("GET store", response.status_code)
        assert response.status_code == 403, response.status_code

    return Attack(KIND, f"object {number} without a signature{query}", run)


def attack_shared_result() -> Attack:
    """Builds the attack that asks for the victim's own words: its result must not be reused."""

    async def run(target: Target) -> None:
        await VICTIMS.of(target)
        body = {"script": f"{SECRET}.", "dry_run": True}
        response = await target.http.post("/v1/audio/jobs", json=body)
        assert response.status_code == 200, response.text
        assert {stage["cache"] for stage in response.json()["stages"]} == {"miss"}

    return Attack(KIND, "the same words as the victim's", run)


def attacks() -> Iterator[Attack]:
    for named, lines in PATHS.items():
        yield from (attack_by_name(named, line, in_path(line)) for line in lines)
    for named, bodies in BODIES.items():
        for path, body in bodies:
            yield attack_by_name(named, f"{path} {json.dumps(body)}", in_body(path, body))
    yield attack_by_name("image", "image in a batch", in_batch)
    yield attack_by_name("recording", "recording as the voice of another", as_voice_to_change_to)
    yield from map(attack_list, LISTS)
    for number in range(2):
        for query in ("", "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00", "?tagging", "?acl"):
            yield attack_store(number, query)
    yield attack_shared_result()


ATTACKS = tuple(attacks())
