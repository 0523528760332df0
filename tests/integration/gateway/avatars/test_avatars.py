"""Avatars: portraits that a workspace stores with their landmarks."""

import asyncio
from typing import Any

import pytest

from services.gateway.accounts import repository as accounts
from services.gateway.db.pool import Connection
from tests.integration.gateway.gateway import Gateway, picture
from tests.integration.gateway.waiting import eventually

LANDMARKS = {
    "left_eye": [1.0, 1.0],
    "right_eye": [9.0, 1.0],
    "mouth_left": [3.0, 6.0],
    "mouth_right": [7.0, 6.0],
}
GONE = "avatar_gone"
pytestmark = pytest.mark.usefixtures("workers")
"""Workers announce the engines that an avatar's portrait is checked with."""


async def store(gateway: Gateway, **avatar: Any) -> dict[str, Any]:
    response = await gateway.http.post("/v1/avatars", json=avatar)
    assert response.status_code == 201, response.text
    return response.json()


async def listed(gateway: Gateway, key: str | None = None) -> list[str]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    response = await gateway.http.get("/v1/avatars", headers=headers)
    return [avatar["name"] for avatar in response.json()["data"]]


async def test_an_avatar_belongs_to_its_workspace(gateway: Gateway):
    async with gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
    image = await gateway.upload(picture())
    cat = await store(gateway, name="Chelsea", image=image, landmarks=LANDMARKS)
    assert (cat["landmarks"] | {"upper_lip": None, "lower_lip": None, "chin": None}) == cat["landmarks"]
    assert await listed(gateway) == ["Chelsea"]
    assert await listed(gateway, "key of other") == []
    assert (await gateway.http.get(f"/v1/avatars/{cat['id']}")).json() == cat
    assert (await gateway.http.delete(f"/v1/avatars/{cat['id']}")).json()["deleted"]
    assert (await gateway.http.get(f"/v1/avatars/{cat['id']}")).status_code == 404


async def test_a_video_takes_portrait_and_landmarks_from_its_avatar(gateway: Gateway):
    image = await gateway.upload(picture())
    second = await store(gateway, name="The second", image=image, face={"index": 1})
    response = await gateway.http.post("/v1/videos", json={"script": "Hello.", "avatar": second["id"]})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("path", ["/v1/videos", "/v1/avatars"])
async def test_an_unknown_avatar_or_asset_is_named_in_the_error(gateway: Gateway, path: str):
    body = {"script": "Hello.", "avatar": GONE} if path == "/v1/videos" else {"name": "x", "image": GONE}
    response = await gateway.http.post(path, json=body)
    error = response.json()["error"]
    expected = ("avatar_not_found", "avatar") if path == "/v1/videos" else ("asset_not_found", "image")
    assert response.status_code == 422 and (error["code"], error["param"]) == expected


async def test_an_avatar_is_deleted_with_its_image(gateway: Gateway):
    image = await gateway.upload(picture())
    await store(gateway, name="Short-lived", image=image)
    await gateway.http.delete(f"/v1/assets/{image}")
    assert await listed(gateway) == []


async def test_an_image_that_is_deleted_meanwhile_is_not_found(gateway: Gateway):
    image = await gateway.upload(picture())
    async with gateway.components.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("DELETE FROM assets WHERE id = $1", image)
        storing = asyncio.create_task(gateway.http.post("/v1/avatars", json={"name": "x", "image": image}))
        await eventually(lambda: is_blocked(connection))
        await transaction.commit()
    response = await storing
    assert (response.status_code, response.json()["error"]["code"]) == (422, "asset_not_found")


async def is_blocked(connection: Connection) -> bool:
    """Returns whether another transaction waits for this one."""
    query = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
    return await connection.fetchval(query)
