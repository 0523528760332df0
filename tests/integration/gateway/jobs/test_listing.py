"""Lists of jobs in pages."""

from datetime import timedelta

import pytest

from services.gateway.accounts import repository as accounts
from tests.integration.gateway.gateway import Gateway
from tests.integration.gateway.writer_harness import ManualClock, WriterHarness
from tests.unit.gateway.jobs.job_examples import NOW

IDS = [f"video_{number}" for number in range(7)]


@pytest.fixture(scope="module")
async def listed(shared_gateway: Gateway) -> Gateway:
    """Creates seven jobs, pairs of them at the same moment, and one of another workspace."""
    harness = WriterHarness.open(shared_gateway.components.pool, ManualClock(NOW))
    async with shared_gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
    for number, job_id in enumerate(IDS):
        harness.clock.now = NOW + timedelta(seconds=number // 2)
        await harness.create(job_id)
    await harness.create("video_other", "other")
    return shared_gateway


async def page(gateway: Gateway, **params: object) -> list[str]:
    response = await gateway.http.get(
        "/v1/videos", params={name: str(value) for name, value in params.items()}
    )
    assert response.status_code == 200, response.text
    body = response.json()
    ids = [video["id"] for video in body["data"]]
    assert (body["first_id"], body["last_id"]) == ((ids[0], ids[-1]) if ids else (None, None))
    return ids


@pytest.mark.parametrize(("order", "expected"), [("desc", IDS[::-1]), ("asc", IDS)])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_have_no_gaps(listed: Gateway, order: str, expected: list[str], limit: int):
    seen = await page(listed, order=order, limit=limit)
    while rest := await page(listed, order=order, limit=limit, after=seen[-1]):
        assert len(rest) <= limit
        seen += rest
    assert seen == expected


async def test_the_newest_come_first_by_default(listed: Gateway):
    assert await page(listed) == IDS[::-1]


@pytest.mark.parametrize(("limit", "more"), [(6, True), (7, False), (8, False)])
async def test_has_more_tells_whether_there_is_another_page(listed: Gateway, limit: int, more: bool):
    response = await listed.http.get("/v1/videos", params={"limit": limit})
    assert response.json()["has_more"] is more


async def test_ids_of_another_workspace_are_not_found(listed: Gateway):
    assert await page(listed, after="video_other") == []
    other = {"Authorization": "Bearer key of other"}
    response = await listed.http.get("/v1/videos", headers=other)
    assert [video["id"] for video in response.json()["data"]] == ["video_other"]
    for path in ("/v1/videos/video_other", "/v1/videos/video_other/events", "/v1/videos/video_other/content"):
        assert (await listed.http.get(path)).status_code == 404
    assert (await listed.http.post("/v1/videos/video_other/cancel")).status_code == 404
    assert (await listed.http.delete("/v1/videos/video_other")).status_code == 404
    assert (await listed.http.get("/v1/videos/video_other", headers=other)).json()["status"] == "queued"


async def test_jobs_are_filtered_by_status(listed: Gateway):
    assert await page(listed, status="queued", limit=3) == IDS[:-4:-1]
    assert await page(listed, status="queued", order="asc", after=IDS[4]) == IDS[5:]
    assert await page(listed, status="failed") == []


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"order": "up"}, {"status": "done"}]
)
async def test_invalid_parameters_of_a_list_are_refused(shared_gateway: Gateway, params: dict[str, str]):
    response = await shared_gateway.http.get("/v1/videos", params=params)
    assert (response.status_code, response.json()["error"]["param"]) == (422, next(iter(params)))
