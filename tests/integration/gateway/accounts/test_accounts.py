"""Workspaces and their API keys."""

import json

import pytest

from services.gateway.accounts import repository as accounts
from tests.integration.gateway.fake_workers import FakeWorkers, start_only
from tests.integration.gateway.gateway import API_KEY, Gateway, picture

ENDPOINTS = [
    "/v1/videos",
    "/v1/assets",
    "/v1/models",
    "/v1/voices",
    "/v1/engines",
    "/v1/videos/video_1/events",
]


async def status_of(gateway: Gateway, key: str, path: str = "/v1/videos") -> int:
    return (await gateway.http.get(path, headers={"Authorization": f"Bearer {key}"})).status_code


async def test_only_the_digest_of_a_key_is_stored(gateway: Gateway):
    (row,) = await gateway.components.pool.fetch("SELECT * FROM api_keys")
    assert (row["workspace_id"], row["key_hash"]) == ("default", accounts.hash_key(API_KEY))
    assert not any(API_KEY.encode() in str(value).encode() for value in row.values())


async def test_a_revoked_key_is_refused_even_after_a_restart(gateway: Gateway):
    assert await status_of(gateway, API_KEY) == 200
    await gateway.components.pool.execute("UPDATE api_keys SET revoked_at = now()")
    assert await status_of(gateway, API_KEY) == 401
    async with gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "default", "bootstrap", API_KEY)
    assert await status_of(gateway, API_KEY) == 401


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_a_request_without_a_key_is_refused(shared_gateway: Gateway, path: str):
    assert await status_of(shared_gateway, "another", path) == 401
    response = await shared_gateway.http.get(path, headers={"Authorization": "Basic abc"})
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    error = response.json()["error"]
    assert (error["code"], error["type"]) == ("missing_api_key", "authentication_error")
    assert error["request_id"] == response.headers["x-request-id"]


async def test_a_workspace_cannot_read_objects_of_another(gateway: Gateway):
    async with gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
    asset = await gateway.upload(picture())
    other = {"Authorization": "Bearer key of other"}
    listed = await gateway.http.get("/v1/assets", headers=other)
    found = await gateway.http.get(f"/v1/assets/{asset}", headers=other)
    deleted = await gateway.http.delete(f"/v1/assets/{asset}", headers=other)
    assert (listed.json()["data"], found.status_code, deleted.status_code) == ([], 404, 404)
    assert (await gateway.http.get(f"/v1/assets/{asset}")).status_code == 200


OPEN = ("queued", "in_progress")
JOB_ENDPOINTS = [
    ("GET", "{url}/{id}"),
    ("GET", "{url}/{id}/events"),
    ("GET", "{url}/{id}/content"),
    ("POST", "{url}/{id}/cancel"),
    ("POST", "{url}/{id}/remix"),
    ("DELETE", "{url}/{id}"),
]


@pytest.mark.parametrize("kind", ["video", "audio"])
async def test_a_workspace_cannot_reach_jobs_of_another(gateway: Gateway, workers: FakeWorkers, kind: str):
    workers["tts"].behaviour = start_only
    async with gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
    other = {"Authorization": "Bearer key of other"}
    if kind == "video":
        job, url = await gateway.create(script="Mine."), "/v1/videos"
    else:
        url = "/v1/audio/jobs"
        job = (await gateway.http.post(url, json={"script": "Mine."})).raise_for_status().json()
    for base in (url, "/v1/jobs"):
        for method, path in JOB_ENDPOINTS:
            if base == "/v1/jobs" and path.endswith("/remix"):
                continue  # only kinds have it
            answer = await gateway.http.request(
                method,
                path.format(url=base, id=job["id"]),
                headers=other,
                json={} if method == "POST" else None,
            )
            assert answer.status_code == 404, (method, path, answer.text)
        assert (await gateway.http.get(base, headers=other)).json()["data"] == []
    assert (await gateway.http.get(f"/v1/jobs/{job['id']}")).json()["status"] in OPEN


@pytest.mark.parametrize("body", [[1, 2], 5, None, "text"])
async def test_a_remix_that_is_no_object_is_refused(shared_gateway: Gateway, body: object):
    job = await shared_gateway.create(script="To be remixed.")
    headers = {"Content-Type": "application/json"}
    url = f"/v1/videos/{job['id']}/remix"
    answer = await shared_gateway.http.post(url, content=json.dumps(body), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("query", ["metadata=x", "metadata[]=x", "metadata[a]=1&metadata[a]=2"])
async def test_a_filter_that_cannot_be_read_is_refused(shared_gateway: Gateway, query: str):
    answer = await shared_gateway.http.get(f"/v1/jobs?{query}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (422, "metadata")


async def test_elevenlabs_clients_use_their_own_header_and_errors(shared_gateway: Gateway):
    own = {"authorization": ""}
    opened = await shared_gateway.http.get("/v1/voices", headers={**own, "xi-api-key": API_KEY})
    assert opened.json()["voices"] == opened.json()["data"] != []
    refused = await shared_gateway.http.get("/v1/voices", headers={**own, "xi-api-key": "wrong"})
    assert refused.status_code == 401
    error = refused.json()["error"]
    assert refused.json()["detail"] == {"status": error["code"], "message": error["message"]}
    assert "detail" not in (await shared_gateway.http.get("/v1/videos/none")).json()
