"""Batches: all lines are accepted or none, and results keep the order of the lines."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from services.chassis.bus.nats.bus import NatsBus
from services.chassis.errors import InvalidArgument
from services.gateway.accounts import repository as accounts
from tests.integration.gateway.fake_workers import FakeWorkers, fail_first, start_only
from tests.integration.gateway.gateway import Gateway, picture
from tests.integration.gateway.waiting import eventually

JSONL = {"content-type": "application/jsonl"}
OTHER_KEY = {"Authorization": "Bearer key of other"}


def lines_of(image: str, scripts: Sequence[str], **fields: Any) -> bytes:
    """Returns a JSONL body. Each line's custom_id is its script."""
    lines = [
        {"custom_id": script, "body": {"script": script, "image": image, "size": "256x256", **fields}}
        for script in scripts
    ]
    return "\n".join(map(json.dumps, lines)).encode()


async def post(gateway: Gateway, data: bytes, **headers: str) -> httpx2.Response:
    return await gateway.http.post("/v1/batches", content=data, headers={**JSONL, **headers})


async def create(gateway: Gateway, scripts: Sequence[str], **fields: Any) -> dict[str, Any]:
    response = await post(gateway, lines_of(await gateway.upload(picture()), scripts, **fields))
    assert response.status_code == 200, response.text
    return response.json()


async def get(gateway: Gateway, batch_id: str) -> dict[str, Any]:
    return (await gateway.http.get(f"/v1/batches/{batch_id}")).raise_for_status().json()


async def results(gateway: Gateway, batch_id: str) -> list[dict[str, Any]]:
    response = await gateway.http.get(f"/v1/batches/{batch_id}/results")
    assert response.headers["content-type"] == "application/jsonl"
    return [json.loads(line) for line in response.text.splitlines()]


async def ended(gateway: Gateway, batch_id: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        batch = await get(gateway, batch_id)
        return batch if batch["status"] != "in_progress" else None

    found = await eventually(look)
    assert found is not None
    return found


async def stored(gateway: Gateway) -> int:
    query = "SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM batches)"
    return await gateway.components.pool.fetchval(query)


async def test_a_batch_completes_with_all_of_its_jobs(gateway: Gateway, workers: FakeWorkers):
    scripts = ["Third.", "First.", "Second."]
    batch = await create(gateway, scripts)
    assert (batch["object"], batch["status"], batch["request_counts"]["total"]) == ("batch", "in_progress", 3)
    done = await ended(gateway, batch["id"])
    assert (done["status"], done["progress"]) == ("completed", 100)
    assert (done["request_counts"]["completed"], done["completed_at"] >= done["created_at"]) == (3, True)
    lines = await results(gateway, batch["id"])
    assert [line["custom_id"] for line in lines] == scripts
    for line in lines:
        video = line["job"]
        assert (line["status"], line["error"], video["status"]) == ("completed", None, "completed")
        assert (video["batch_id"], video["custom_id"]) == (batch["id"], line["custom_id"])
        assert (line["job_id"], video["priority"]) == (video["id"], "batch")
        assert (await gateway.http.get(line["content_url"])).status_code == 302


async def test_equal_lines_run_once(gateway: Gateway, workers: FakeWorkers):
    image = await gateway.upload(picture())
    body = {"script": "The same.", "image": image}
    lines = [json.dumps({"custom_id": str(number), "body": body}) for number in range(5)]
    batch = (await post(gateway, "\n".join(lines).encode())).json()
    assert (await ended(gateway, batch["id"]))["request_counts"]["completed"] == 5
    assert [len(workers[service].requests) for service in ("tts", "video", "mux")] == [1, 1, 1]


async def test_a_failed_line_does_not_end_the_others(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].behaviour = fail_first(InvalidArgument("This cannot be said."), times=9)
    assert (await ended(gateway, (await create(gateway, ["Bad."]))["id"]))["status"] == "failed"
    batch = await create(gateway, ["Bad too."])
    (line,) = await results(gateway, (await ended(gateway, batch["id"]))["id"])
    assert (line["status"], line["error"]["code"], line["content_url"]) == (
        "failed",
        "invalid_argument",
        None,
    )


async def test_all_wrong_lines_are_listed_and_nothing_is_created(shared_gateway: Gateway):
    image = await shared_gateway.upload(picture())
    good = {"script": "Hello.", "image": image}
    bodies = [good, good | {"image": "asset_unknown"}, good, good | {"voice": "nobody"}, {"script": "Hi."}]
    lines = [json.dumps({"custom_id": f"c{number}", "body": body}) for number, body in enumerate(bodies)]
    before = await stored(shared_gateway)
    response = await post(shared_gateway, "\n".join(lines).encode())
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (422, "batch_invalid", "line 2")
    assert [(each["line"], each["custom_id"], each["param"], each["code"]) for each in error["details"]] == [
        (2, "c1", "body.image", "asset_not_found"),
        (4, "c3", "body.voice", "voice_unknown"),
        (5, "c4", "body.image", "image_missing"),
    ]
    assert all(each["message"] for each in error["details"])
    assert await stored(shared_gateway) == before


async def test_nine_lines_that_are_wrong_in_nine_ways_are_all_named_in_one_answer(shared_gateway: Gateway):
    """What a line's text, its fields, the workspace and the catalogue refuse is told together."""
    image = await shared_gateway.upload(picture())
    good = {"script": "Hello.", "image": image}
    lines = [
        (b"{", (None, None, "invalid_json")),
        ({"body": good}, (None, "custom_id", "invalid_request")),
        ({"custom_id": "c", "body": good}, None),
        ({"custom_id": "c", "body": good}, ("c", "custom_id", "custom_id_repeated")),
        ({"custom_id": "d", "url": "/v1/films", "body": good}, ("d", "url", "url_unknown")),
        ({"custom_id": "e", "body": good | {"colour": 1}}, ("e", "body.colour", "invalid_request")),
        ({"custom_id": "f", "body": good | {"avatar": 5}}, ("f", "body.avatar", "invalid_request")),
        ({"custom_id": "g", "body": good | {"voice": "nobody"}}, ("g", "body.voice", "voice_unknown")),
        ({"custom_id": "h", "body": {"script": "Hi."}}, ("h", "body.image", "image_missing")),
        (
            {"custom_id": "i", "url": "/v1/audio/jobs", "body": {"audio": image}},
            ("i", "body.audio", "asset_wrong_kind"),
        ),
    ]
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line, _ in lines)
    before = await stored(shared_gateway)
    error = (await post(shared_gateway, data)).json()["error"]
    told = {each["line"]: (each["custom_id"], each["param"], each["code"]) for each in error["details"]}
    assert told == {number: expected for number, (_, expected) in enumerate(lines, 1) if expected}
    assert error["message"].startswith("9 lines are wrong")
    assert "BatchLine" not in json.dumps(error)
    assert await stored(shared_gateway) == before


async def test_no_more_than_fifty_errors_are_listed(shared_gateway: Gateway):
    response = await post(shared_gateway, b"\n".join([b"{"] * 70))
    error = response.json()["error"]
    assert len(error["details"]) == 50
    assert error["message"].startswith("70 lines are wrong")
    assert "70 things are wrong in all" in error["message"]


@pytest.mark.parametrize("name", ["batch.jsonl", "anything.txt"])
async def test_a_form_with_a_file_is_accepted(shared_gateway: Gateway, name: str):
    data = lines_of(await shared_gateway.upload(picture()), ["In a form."])
    response = await shared_gateway.http.post("/v1/batches", files={"file": (name, data)})
    assert (response.status_code, response.json()["request_counts"]["total"]) == (200, 1)


@pytest.mark.parametrize(
    ("request_of", "status", "code"),
    [
        ({"content": b"", "headers": JSONL}, 422, "batch_empty"),
        (
            {"content": b"{}", "headers": {"content-type": "application/json"}},
            415,
            "unsupported_content_type",
        ),
        ({"files": {"other": b"{}"}}, 422, "file_missing"),
        ({"content": bytes(33 << 20), "headers": JSONL}, 413, "file_too_large"),
        ({"files": {"file": bytes(33 << 20)}}, 413, "file_too_large"),
        ({"content": b"{}", "headers": {**JSONL, "authorization": "Bearer wrong"}}, 401, "invalid_api_key"),
    ],
    ids=["empty", "json", "no file", "large", "large file", "wrong key"],
)
async def test_an_invalid_batch_is_refused(
    shared_gateway: Gateway, request_of: dict[str, Any], status: int, code: str
):
    response = await shared_gateway.http.post("/v1/batches", **request_of)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


async def test_a_thousand_jobs_are_created_explained_and_cancelled(gateway: Gateway, bus: NatsBus):
    """No worker runs, so most of the jobs are still queued."""
    await gateway.register(FakeWorkers(bus, gateway.components.store))
    scripts = [f"Number {number}." for number in range(1000)]
    batch = await create(gateway, scripts)
    assert batch["request_counts"]["queued"] == 1000
    lines = await results(gateway, batch["id"])
    assert [line["custom_id"] for line in lines] == scripts
    assert {line["job"]["explanation"]["code"] for line in lines} == {"queued_behind"}
    cancelled = (await gateway.http.post(f"/v1/batches/{batch['id']}/cancel")).json()
    assert cancelled["request_counts"]["cancelled"] == 1000


async def test_cancelling_ends_open_jobs(gateway: Gateway, workers: FakeWorkers):
    first = await create(gateway, ["Done already."])
    await ended(gateway, first["id"])
    workers["video"].behaviour = start_only
    batch = await create(gateway, ["Done already.", "Two.", "Three."])
    await workers["video"].received(2)
    cancelled = (await gateway.http.post(f"/v1/batches/{batch['id']}/cancel")).json()
    assert cancelled["status"] == "cancelled"
    counts = cancelled["request_counts"]
    assert (counts["completed"], counts["cancelled"]) == (1, 2)
    assert cancelled["seconds_saved"] >= 0
    for line in (await results(gateway, batch["id"]))[1:]:
        await workers["video"].received_cancel(line["job_id"])
    again = await gateway.http.post(f"/v1/batches/{batch['id']}/cancel")
    assert again.json() == cancelled


async def test_an_ended_batch_is_not_cancelled(gateway: Gateway, workers: FakeWorkers):
    batch = await create(gateway, ["One."])
    done = await ended(gateway, batch["id"])
    assert (await gateway.http.post(f"/v1/batches/{batch['id']}/cancel")).json() == done


async def test_a_deleted_job_is_left_out_of_the_results(gateway: Gateway, workers: FakeWorkers):
    batch = await create(gateway, ["One.", "Two."])
    await ended(gateway, batch["id"])
    first, second = await results(gateway, batch["id"])
    await gateway.http.delete(f"/v1/videos/{first['job_id']}")
    assert [line["job_id"] for line in await results(gateway, batch["id"])] == [second["job_id"]]
    counts = (await get(gateway, batch["id"]))["request_counts"]
    assert (counts["total"], counts["completed"]) == (2, 1)


async def test_batches_are_listed_in_pages_newest_first(gateway: Gateway, workers: FakeWorkers):
    ids = [(await create(gateway, [f"Number {number}."]))["id"] for number in range(3)][::-1]
    listed = (await gateway.http.get("/v1/batches", params={"limit": 2})).json()
    assert ([batch["id"] for batch in listed["data"]], listed["has_more"]) == (ids[:2], True)
    rest = (await gateway.http.get("/v1/batches", params={"after": listed["last_id"]})).json()
    assert ([batch["id"] for batch in rest["data"]], rest["has_more"]) == (ids[2:], False)
    assert (await gateway.http.get("/v1/batches", params={"after": "batch_unknown"})).json()["data"] == []


async def test_another_workspace_cannot_read_a_batch(gateway: Gateway, workers: FakeWorkers):
    await other_workspace(gateway)
    batch = await create(gateway, ["Secret."])
    path = f"/v1/batches/{batch['id']}"
    for method, url in (("GET", path), ("GET", f"{path}/results"), ("POST", f"{path}/cancel")):
        response = await gateway.http.request(method, url, headers=OTHER_KEY)
        assert (response.status_code, response.json()["error"]["code"]) == (404, "batch_not_found")
    for url in ("/v1/batches", f"/v1/videos?batch_id={batch['id']}"):
        assert (await gateway.http.get(url, headers=OTHER_KEY)).json()["data"] == []


async def test_videos_are_listed_by_batch_in_the_order_of_its_lines(gateway: Gateway, workers: FakeWorkers):
    scripts = [f"Line {number}." for number in range(5)]
    batch = await create(gateway, scripts)
    await gateway.create(script="Not of the batch.")
    for order, expected in (("asc", scripts), ("desc", scripts[::-1])):
        seen: list[str] = []
        params = {"batch_id": batch["id"], "limit": "2", "order": order}
        while page := (await gateway.http.get("/v1/videos", params=params)).json()["data"]:
            seen += [video["custom_id"] for video in page]
            params["after"] = page[-1]["id"]
        assert seen == expected


async def test_the_same_idempotency_key_creates_one_batch(gateway: Gateway, workers: FakeWorkers):
    data = lines_of(await gateway.upload(picture()), ["Once."])
    answers = await asyncio.gather(*(post(gateway, data, **{"idempotency-key": "k1"}) for _ in range(4)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await post(gateway, data + b"\n\n", **{"idempotency-key": "k1"})
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")


async def other_workspace(gateway: Gateway) -> None:
    async with gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
