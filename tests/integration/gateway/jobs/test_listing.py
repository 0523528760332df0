"""Videos page by page."""

from datetime import timedelta

import pytest

from services.gateway.accounts import repository as accounts
from tests.integration.gateway.gateway import Gateway
from tests.integration.gateway.writer_harness import TurnedClock, WriterHarness
from tests.unit.gateway.jobs.job_examples import NOW

IDS = [f"video_{number}" for number in range(7)]


@pytest.fixture(scope="module")
async def listed(shared_gateway: Gateway) -> Gateway:
    """Seven videos, two and two of them made at the same moment, and one of another workspace."""
    books = WriterHarness.opened(shared_gateway.components.pool, TurnedClock(NOW))
    async with shared_gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
    for number, job_id in enumerate(IDS):
        books.clock.now = NOW + timedelta(seconds=number // 2)
        await books.create(job_id)
    await books.create("video_other", "other")
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
async def test_pages_follow_each_other_without_a_gap(
    listed: Gateway, order: str, expected: list[str], limit: int
):
    seen = await page(listed, order=order, limit=limit)
    while rest := await page(listed, order=order, limit=limit, after=seen[-1]):
        assert len(rest) <= limit
        seen += rest
    assert seen == expected


async def test_the_newest_come_first_unless_asked_otherwise(listed: Gateway):
    assert await page(listed) == IDS[::-1]


@pytest.mark.parametrize(("limit", "more"), [(6, True), (7, False), (8, False)])
async def test_whether_there_is_more_is_said(listed: Gateway, limit: int, more: bool):
    response = await listed.http.get("/v1/videos", params={"limit": limit})
    assert response.json()["has_more"] is more


async def test_an_id_of_another_workspace_leads_nowhere(listed: Gateway):
    assert await page(listed, after="video_other") == []
    other = {"Authorization": "Bearer key of other"}
    response = await listed.http.get("/v1/videos", headers=other)
    assert [video["id"] for video in response.json()["data"]] == ["video_other"]
    for path in ("/v1/videos/video_other", "/v1/videos/video_other/events", "/v1/videos/video_other/content"):
        assert (await listed.http.get(path)).status_code == 404
    assert (await listed.http.post("/v1/videos/video_other/cancel")).status_code == 404
    assert (await listed.http.delete("/v1/videos/video_other")).status_code == 404
    assert (await listed.http.get("/v1/videos/video_other", headers=other)).json()["status"] == "queued"


async def test_videos_are_listed_by_their_status(listed: Gateway):
    assert await page(listed, status="queued", limit=3) == IDS[:-4:-1]
    assert await page(listed, status="queued", order="asc", after=IDS[4]) == IDS[5:]
    assert await page(listed, status="failed") == []


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"order": "up"}, {"status": "done"}]
)
async def test_a_page_that_cannot_be_is_refused(shared_gateway: Gateway, params: dict[str, str]):
    response = await shared_gateway.http.get("/v1/videos", params=params)
    assert (response.status_code, response.json()["error"]["param"]) == (422, next(iter(params)))
