"""Idempotency keys: a request that is sent twice with the same key creates one job."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.gateway.db.pool import Pool
from services.gateway.http.errors import ApiError
from services.gateway.idempotency.repository import KEPT, AlreadyMade, Claim, claim_key, object_made
from tests.integration.gateway.gateway import Gateway, picture
from tests.unit.gateway.jobs.job_examples import NOW

CLAIM = Claim("default", "k1", b"hash")


async def post(gateway: Gateway, key: str = "k1", **request: Any) -> httpx2.Response:
    return await gateway.http.post("/v1/videos", json=request, headers={"Idempotency-Key": key})


async def count(gateway: Gateway) -> int:
    return await gateway.components.pool.fetchval("SELECT count(*) FROM jobs")


async def test_repeated_requests_create_one_job(shared_gateway: Gateway):
    image = await shared_gateway.upload(picture())
    before = await count(shared_gateway)
    request = {"key": "many", "script": "Once.", "image": image}
    answers = await asyncio.gather(*(post(shared_gateway, **request) for _ in range(5)))
    answers.append(await post(shared_gateway, **request))
    assert [answer.status_code for answer in answers] == [200] * 6
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await count(shared_gateway) == before + 1


async def test_a_different_request_with_the_same_key_is_refused(shared_gateway: Gateway):
    image = await shared_gateway.upload(picture())
    assert (await post(shared_gateway, key="other", script="One.", image=image)).status_code == 200
    refused = await post(shared_gateway, key="other", script="Two.", image=image)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["param"]) == (
        422,
        "idempotency_key_reused",
        "idempotency-key",
    )


async def test_a_form_with_the_same_file_counts_as_the_same_request(shared_gateway: Gateway):
    """A client that tries again sends another boundary, and uploads the file again."""
    ids = [
        (
            await shared_gateway.http.post(
                "/v1/videos",
                data={"prompt": "Once."},
                files={"input_reference": ("me.png", picture(), "image/png")},
                headers={"Idempotency-Key": "form"},
            )
        ).json()["id"]
        for _ in range(2)
    ]
    assert ids[0] == ids[1]


async def test_a_refused_request_leaves_its_key_free(shared_gateway: Gateway):
    image = await shared_gateway.upload(picture())
    refused = await post(shared_gateway, key="free", script="Hi.", image=image, voice="nobody")
    assert refused.status_code == 422
    assert (await post(shared_gateway, key="free", script="Hi.", image=image)).status_code == 200


async def test_a_deleted_job_is_not_created_again(shared_gateway: Gateway):
    image = await shared_gateway.upload(picture())
    video = (await post(shared_gateway, key="gone", script="Hi.", image=image)).json()
    await shared_gateway.http.delete(f"/v1/videos/{video['id']}")
    answer = await post(shared_gateway, key="gone", script="Hi.", image=image)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_object_deleted")


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_of_invalid_length_is_refused(shared_gateway: Gateway, key: str):
    image = await shared_gateway.upload(picture())
    assert (await post(shared_gateway, key=key, script="Hi.", image=image)).status_code == 422


async def test_a_key_is_free_again_after_a_day(pool: Pool):
    async with pool.acquire() as connection:
        await claim_key(connection, CLAIM, "video_1", NOW)
        with pytest.raises(AlreadyMade) as made:
            await claim_key(connection, CLAIM, "video_2", NOW + KEPT - timedelta(seconds=1))
        assert made.value.object_id == "video_1"
        assert await object_made(connection, CLAIM, NOW + KEPT) is None
        await claim_key(connection, CLAIM, "video_3", NOW + KEPT)
        assert await object_made(connection, CLAIM, NOW + KEPT) == "video_3"


async def test_expired_keys_are_deleted(pool: Pool):
    async with pool.acquire() as connection:
        for number in range(3):
            await claim_key(connection, Claim("default", f"old {number}", b"hash"), "video_1", NOW)
        await claim_key(connection, CLAIM, "video_2", NOW + KEPT)
        rows = await connection.fetch("SELECT key FROM idempotency_keys")
    assert [row["key"] for row in rows] == ["k1"]


async def test_keys_belong_to_their_workspace(pool: Pool):
    async with pool.acquire() as connection:
        await claim_key(connection, CLAIM, "video_1", NOW)
        other = Claim("other", "k1", b"another hash")
        await claim_key(connection, other, "video_2", NOW)
        assert await object_made(connection, other, NOW) == "video_2"
        with pytest.raises(ApiError):
            await object_made(connection, Claim("default", "k1", b"another hash"), NOW)
