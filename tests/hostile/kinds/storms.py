"""Many requests at once: creates, streams, keys that collide, deletes of what is under way."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

import httpx2

from tests.examples import PORTRAIT
from tests.hostile.attack import MARKER, Attack, Target

KIND = "storms"
BUSY, FULL = 429, 409
"""The answer to requests that are too many at once, wherever a storm may meet one."""
DELETES = 8
TRIES = 20
STREAMS = 500
Run = Callable[[Target], Awaitable[None]]


async def at_once(calls: Iterable[Awaitable[httpx2.Response]]) -> Sequence[httpx2.Response]:
    return await asyncio.gather(*calls)


def statuses(responses: Iterable[httpx2.Response]) -> Counter[int]:
    return Counter(each.status_code for each in responses)


def expect(responses: Sequence[httpx2.Response], *allowed: int) -> None:
    """Raises AssertionError for an answer of another status; that there are too many is always a good one."""
    found = statuses(responses)
    assert not found.keys() - {*allowed, BUSY}, found


def bodies(responses: Iterable[httpx2.Response], status: int) -> Sequence[dict[str, Any]]:
    return [each.json() for each in responses if each.status_code == status]


def job(words: str = MARKER) -> dict[str, Any]:
    return {"script": f"{words}.", "no_cache": True}


async def delete_jobs(target: Target, ids: Iterable[str]) -> None:
    """Deletes the jobs, some at once. Raises AssertionError if one cannot be deleted."""
    few = asyncio.Semaphore(DELETES)

    async def delete(each: str) -> None:
        async with few:
            response = await patiently(lambda: target.http.delete(f"/v1/jobs/{each}"))
            assert response.status_code == 200, response.text

    await asyncio.gather(*map(delete, ids))


async def patiently(call: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    """Sends a request that is needed for cleaning up; again, when told to wait."""
    for _ in range(TRIES):
        response = await call()
        if response.status_code != BUSY:
            return response
        await asyncio.sleep(float(response.headers.get("retry-after", 1)))
    raise AssertionError("The stack stays busy.")


async def image_of(target: Target) -> str:
    response = await target.http.post("/v1/assets", files={"file": ("a.jpg", PORTRAIT.read_bytes())})
    assert response.status_code == 201, response.text
    return response.json()["id"]


def storm_of_creates(path: str, count: int, request: Callable[[int, str], dict[str, Any]]) -> Run:
    """Builds the storm that asks for many jobs at once, and deletes them all."""

    async def run(target: Target) -> None:
        image = await image_of(target)
        responses = await at_once(
            target.http.post(path, json=request(number, image)) for number in range(count)
        )
        expect(responses, 200)
        created = [each["id"] for each in bodies(responses, 200) if "id" in each]
        assert len(set(created)) == len(created)
        await delete_jobs(target, created)

    return run


async def create_the_same_at_once(target: Target) -> None:
    """Equal requests without a key are different jobs; their work is done once."""
    responses = await at_once(
        target.http.post("/v1/audio/jobs", json={"script": "Twice."}) for _ in range(30)
    )
    expect(responses, 200)
    await delete_jobs(target, {each["id"] for each in bodies(responses, 200)})


async def collide_with_one_body(target: Target) -> None:
    """Gives the same request 50 times at once with one key: one job is made."""
    key = {"Idempotency-Key": secrets.token_hex(8)}
    responses = await at_once(target.http.post("/v1/audio/jobs", json=job(), headers=key) for _ in range(50))
    expect(responses, 200, 409)
    made = {each["id"] for each in bodies(responses, 200)}
    assert len(made) == 1
    await delete_jobs(target, made)


async def collide_with_many_bodies(target: Target) -> None:
    """Gives 50 requests at once with one key: at most one is carried out."""
    key = {"Idempotency-Key": secrets.token_hex(8)}
    responses = await at_once(
        target.http.post("/v1/audio/jobs", json=job(f"{MARKER} {number}"), headers=key)
        for number in range(50)
    )
    expect(responses, 200, 409, 422)
    made = {each["id"] for each in bodies(responses, 200)}
    assert len(made) == 1
    await delete_jobs(target, made)


def collide_with_key(key: str) -> Run:
    """Builds the storm whose key is a strange one: it is refused, or means one job."""

    async def run(target: Target) -> None:
        headers = [(b"Idempotency-Key", key.encode())]
        responses = await at_once(
            target.http.post("/v1/audio/jobs", json=job(), headers=headers) for _ in range(10)
        )
        expect(responses, 200, 400, 409, 422, 431)
        await delete_jobs(target, {each["id"] for each in bodies(responses, 200)})

    return run


async def collide_on_a_batch(target: Target) -> None:
    lines = "\n".join(
        json.dumps({"custom_id": f"{number}", "url": "/v1/audio/jobs", "body": job()}) for number in range(20)
    )
    headers = {"Idempotency-Key": secrets.token_hex(8), "Content-Type": "application/jsonl"}
    responses = await at_once(
        target.http.post("/v1/batches", content=lines, headers=headers) for _ in range(20)
    )
    expect(responses, 200, 201, 409)
    [batch] = {each["id"] for each in (*bodies(responses, 200), *bodies(responses, 201))}
    expect([await target.http.post(f"/v1/batches/{batch}/cancel")], 200)


async def fill_and_cancel_batches(target: Target) -> None:
    """Asks for two batches of 200 lines at once, and cancels each at once from ten sides."""
    lines = "\n".join(
        json.dumps({"custom_id": f"{number}", "url": "/v1/audio/jobs", "body": job(f"{number}")})
        for number in range(200)
    )
    headers = {"Content-Type": "application/jsonl"}
    responses = await at_once(
        target.http.post("/v1/batches", content=lines, headers=headers) for _ in range(2)
    )
    expect(responses, 200, 201)
    for each in (*bodies(responses, 200), *bodies(responses, 201)):
        url = f"/v1/batches/{each['id']}/cancel"
        expect(await at_once(target.http.post(url) for _ in range(10)), 200)


async def delete_while_running(target: Target) -> None:
    """Deletes a job from 20 sides as soon as it runs: one of them deletes it."""
    created = await target.http.post("/v1/audio/jobs", json=job("One. " * 20))
    expect([created], 200)
    url = f"/v1/jobs/{created.json()['id']}"
    async with target.http.stream("GET", f"{url}/events") as events:
        async for line in events.aiter_lines():
            if '"in_progress"' in line:
                break
    responses = await at_once(target.http.delete(url) for _ in range(20))
    expect(responses, 200, 404)
    assert statuses(responses)[200] == 1
    assert (await target.http.get(url)).status_code == 404


async def cancel_delete_and_read(target: Target) -> None:
    """Cancels, deletes, remixes, reads and follows the same job at once."""
    created = await target.http.post("/v1/audio/jobs", json=job())
    expect([created], 200)
    url = f"/v1/audio/jobs/{created.json()['id']}"
    calls: list[Awaitable[httpx2.Response]] = []
    for _ in range(10):
        calls += (
            target.http.post(f"{url}/cancel"),
            target.http.get(url),
            target.http.get(f"{url}/events"),
            target.http.get(f"{url}/content"),
            target.http.post(f"{url}/remix", json={"script": "Other."}),
            target.http.delete(url),
        )
    responses = await at_once(calls)
    expect(responses, 200, 302, 404, 409)
    made = {each.json()["id"] for each in responses[4::6] if each.status_code == 200}
    await delete_jobs(target, made)


def leave_streams(seconds: float) -> Run:
    """Builds the storm that opens many event streams, and leaves them without a word."""

    async def run(target: Target) -> None:
        created = await target.http.post("/v1/audio/jobs", json=job("Wait. " * 20))
        expect([created], 200)
        path = f"/v1/jobs/{created.json()['id']}/events"
        opened = [await open_stream(target, path) for _ in range(STREAMS // 2)]
        await asyncio.sleep(seconds)
        for each in opened:
            each.transport.abort()
        await delete_jobs(target, [created.json()["id"]])

    return run


async def open_stream(target: Target, path: str, key: str | None = None) -> asyncio.StreamWriter:
    """Sends a request on a connection of its own, and does not read the answer."""
    _reader, writer = await asyncio.open_connection(target.host, target.port)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key or target.key}\r\n\r\n".encode()
    )
    await writer.drain()
    return writer


async def follow_what_is_not_there(target: Target) -> None:
    responses = await at_once(target.http.get(f"/v1/jobs/video_{number:024}/events") for number in range(200))
    expect(responses, 404)


async def read_lists(target: Target) -> None:
    paths = ("/v1/jobs?limit=100", "/v1/assets", "/v1/voices", "/v1/engines", "/v1/effects", "/v1/batches")
    expect(await at_once(target.http.get(path) for path in paths * 20), 200)


async def read_health(target: Target) -> None:
    paths = ("/readyz", "/metrics", "/healthz")
    expect(await at_once(target.anonymous.get(path) for path in paths * 50), 200, 401, 404)


async def guess_keys(target: Target) -> None:
    responses = await at_once(
        target.anonymous.get("/v1/jobs", headers={"Authorization": f"Bearer lk_{number}"})
        for number in range(500)
    )
    expect(responses, 401)


async def connect_and_leave(target: Target) -> None:
    """Opens 500 connections without a request, and ends them."""
    opened = await asyncio.gather(
        *(asyncio.open_connection(target.host, target.port) for _ in range(500)), return_exceptions=True
    )
    for each in opened:
        if not isinstance(each, BaseException):
            each[1].transport.abort()


async def send_ahead(target: Target) -> None:
    """Sends 200 requests on one connection without reading an answer in between."""
    reader, writer = await asyncio.open_connection(target.host, target.port)
    one = f"GET /v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {target.key}\r\n\r\n"
    writer.write(one.encode() * 200)
    await writer.drain()
    line = (await reader.readline()).split()
    target.answered("GET /v1/models", int(line[1]))
    writer.transport.abort()


async def store_the_same_file(target: Target) -> None:
    """Stores the same file from 30 sides, and deletes each asset: the others keep theirs."""
    files = {"file": ("a.jpg", PORTRAIT.read_bytes())}
    responses = await at_once(target.http.post("/v1/assets", files=files) for _ in range(30))
    expect(responses, 201)
    kept, *others = [each["id"] for each in bodies(responses, 201)]
    expect(await at_once(target.http.delete(f"/v1/assets/{each}") for each in others), 200)
    expect([await target.http.get(f"/v1/assets/{kept}/content")], 302)
    expect([await target.http.delete(f"/v1/assets/{kept}")], 200)


async def complete_an_upload_at_once(target: Target) -> None:
    """Completes one upload from 20 sides: one asset is made."""
    content = PORTRAIT.read_bytes()
    upload = await target.http.post("/v1/assets/uploads", json={"filename": "a.jpg", "bytes": len(content)})
    expect([upload], 200, 201)
    sent = upload.json()
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        put = await http.put(sent["url"], content=content, headers=sent["headers"])
    assert put.status_code == 200
    url = f"/v1/assets/uploads/{sent['id']}/complete"
    responses = await at_once(target.http.post(url) for _ in range(20))
    expect(responses, 200, 201, 404, 409)
    made = {each["id"] for each in (*bodies(responses, 200), *bodies(responses, 201))}
    assert len(made) == 1
    expect([await target.http.delete(f"/v1/assets/{made.pop()}")], 200)


async def reserve_uploads(target: Target) -> None:
    body = {"filename": "a", "bytes": 1}
    responses = await at_once(target.http.post("/v1/assets/uploads", json=body) for _ in range(200))
    expect(responses, 200, 201, FULL)


async def write_one_word(target: Target) -> None:
    url = "/v1/lexicon/stormy"
    calls = [target.http.put(url, json={"respelling": f"word {number}"}) for number in range(50)]
    responses = await at_once((*calls, *(target.http.delete(url) for _ in range(20))))
    expect(responses, 200, 404)
    expect([await target.http.delete(url)], 200, 404)


async def store_one_effect(target: Target) -> None:
    body = {"name": "stormy", "steps": ["radio"]}
    responses = await at_once(target.http.post("/v1/effects", json=body) for _ in range(30))
    expect(responses, 201, 409)
    assert statuses(responses)[201] == 1
    expect([await target.http.delete("/v1/effects/stormy")], 200)


async def delete_what_an_avatar_shows(target: Target) -> None:
    """Makes avatars of an image while the image is deleted."""
    image = await image_of(target)
    calls = [target.http.post("/v1/avatars", json={"name": "a", "image": image}) for _ in range(6)]
    responses = await at_once((*calls, target.http.delete(f"/v1/assets/{image}")))
    expect(responses, 200, 201, 404, 409, 422)


async def leave_speech(target: Target) -> None:
    """Asks for speech 40 times, and leaves at once."""

    async def ask() -> None:
        writer = await open_request(target, "/v1/audio/speech", {"input": "Leave me. " * 50})
        await asyncio.sleep(0.05)
        writer.transport.abort()

    await asyncio.gather(*(ask() for _ in range(40)))


async def leave_creates(target: Target) -> None:
    """Asks for 50 dry runs of videos, and leaves before the answers."""
    body = {"script": "Leave me.", "image": await image_of(target), "dry_run": True}
    opened = [await open_request(target, "/v1/videos", body) for _ in range(50)]
    for each in opened:
        each.transport.abort()


async def open_request(target: Target, path: str, body: dict[str, Any]) -> asyncio.StreamWriter:
    _reader, writer = await asyncio.open_connection(target.host, target.port)
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {target.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    writer.write(head.encode() + content)
    await writer.drain()
    return writer


STORMS: Sequence[tuple[str, Run]] = (
    ("300 audio jobs", storm_of_creates("/v1/audio/jobs", 300, lambda number, _: job(f"{number}"))),
    ("equal jobs", create_the_same_at_once),
    ("one key, one body", collide_with_one_body),
    ("one key, many bodies", collide_with_many_bodies),
    ("long key", collide_with_key("k" * 5_000)),
    ("key of another alphabet", collide_with_key("ключ")),
    ("key of quotes", collide_with_key("';DROP TABLE jobs;--")),
    ("one key, one batch", collide_on_a_batch),
    ("batches that are cancelled", fill_and_cancel_batches),
    ("deletes while running", delete_while_running),
    ("everything with one job", cancel_delete_and_read),
    ("250 streams left at once", leave_streams(0.0)),
    ("250 streams left after a while", leave_streams(1.0)),
    (
        "100 estimates",
        storm_of_creates(
            "/v1/videos/estimate", 100, lambda number, image: {**job(f"{number}"), "image": image}
        ),
    ),
    ("streams of nothing", follow_what_is_not_there),
    ("lists", read_lists),
    ("health", read_health),
    ("keys that are guessed", guess_keys),
    ("connections without a request", connect_and_leave),
    ("requests sent ahead", send_ahead),
    (
        "100 dry runs",
        storm_of_creates("/v1/audio/jobs", 100, lambda number, _: {**job(f"{number}"), "dry_run": True}),
    ),
    ("one file", store_the_same_file),
    ("one upload", complete_an_upload_at_once),
    ("uploads that are never sent", reserve_uploads),
    ("one word", write_one_word),
    ("one effect", store_one_effect),
    ("an avatar's image", delete_what_an_avatar_shows),
    ("speech that is left", leave_speech),
    ("dry runs that are left", leave_creates),
)


def attacks() -> Iterator[Attack]:
    for name, run in STORMS:
        yield Attack(KIND, name, run)


ATTACKS = tuple(attacks())
