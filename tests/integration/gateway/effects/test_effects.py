"""Named chains of effects: presets of the engines, and chains that a workspace stores."""

from typing import Any

import pytest

from services.gateway.accounts import repository as accounts
from services.gateway.jobs.store.repository import find_job
from tests.integration.gateway.gateway import Gateway, stage

CAVE = {"name": "cave", "description": "Deep.", "steps": [{"effect": "echo", "amounts": {"gain_db": -3}}]}
CAVE_STEPS = [{"effect": "echo", "amounts": {"delay_seconds": 0.2, "gain_db": -3.0}}]
UP = [{"effect": "pitch", "amounts": {"semitones": 6.0}}]
pytestmark = pytest.mark.usefixtures("workers")
"""Workers announce an engine with effects."""


async def create(gateway: Gateway, **effect: Any) -> tuple[int, dict[str, Any]]:
    response = await gateway.http.post("/v1/effects", json=effect)
    return response.status_code, response.json()


async def names(gateway: Gateway, key: str | None = None) -> list[str]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    response = await gateway.http.get("/v1/effects", headers=headers)
    return [effect["name"] for effect in response.json()["data"]]


async def test_presets_are_listed_with_the_possible_steps(gateway: Gateway):
    listed = (await gateway.http.get("/v1/effects")).json()
    assert [(each["name"], each["kind"], each["steps"]) for each in listed["data"]] == [
        ("chipmunk", "preset", UP)
    ]
    assert listed["steps"][0]["effect"] == "pitch"
    assert listed["steps"][0]["amounts"] == [
        {"name": "semitones", "minimum": -12.0, "maximum": 12.0, "usual": 0.0}
    ]


async def test_a_chain_belongs_to_its_workspace(gateway: Gateway):
    async with gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
    assert await create(gateway, **CAVE) == (
        201,
        {"object": "effect", "kind": "stored", **CAVE, "steps": CAVE_STEPS},
    )
    assert await names(gateway) == ["chipmunk", "cave"]
    assert await names(gateway, "key of other") == ["chipmunk"]
    assert (await gateway.http.get("/v1/effects/cave")).json()["steps"] == CAVE_STEPS
    assert (await gateway.http.delete("/v1/effects/cave")).json()["deleted"]
    assert (await gateway.http.get("/v1/effects/cave")).status_code == 404
    refused = await gateway.http.delete("/v1/effects/chipmunk")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "effect_not_found")


async def test_a_chain_may_contain_other_chains(gateway: Gateway):
    await create(gateway, **CAVE)
    status, effect = await create(gateway, name="small-cave", steps=["chipmunk", "cave"])
    assert (status, effect["steps"]) == (201, UP + CAVE_STEPS)


@pytest.mark.parametrize(
    ("effect", "status", "code"),
    [
        ({"name": "chipmunk", "steps": ["chipmunk"]}, 409, "effect_exists"),
        ({"name": "cave", "steps": ["chipmunk"]}, 409, "effect_exists"),
        ({"name": "Cave!", "steps": ["chipmunk"]}, 422, "invalid_request"),
        ({"name": "none", "steps": []}, 422, "invalid_request"),
        ({"name": "none", "steps": ["nothing"]}, 422, "effect_unknown"),
        (
            {"name": "none", "steps": [{"effect": "pitch", "amounts": {"semitones": 99}}]},
            422,
            "effect_invalid",
        ),
        ({"name": "none", "steps": ["chipmunk"] * 16 + ["cave"]}, 422, "invalid_request"),
    ],
)
async def test_an_invalid_effect_is_refused(gateway: Gateway, effect: dict[str, Any], status: int, code: str):
    await create(gateway, **CAVE)
    found, answer = await create(gateway, **effect)
    assert (found, answer["error"]["code"]) == (status, code)


async def test_scenes_are_planned_with_the_steps_of_their_named_effects(gateway: Gateway):
    await create(gateway, **CAVE)
    video = await gateway.create(script="Hello.", effects=["cave", {"effect": "pitch"}])
    assert [each["name"] for each in video["stages"]] == [
        "scene-0/tts",
        "scene-0/effects",
        "scene-0/video",
        "mux",
    ]
    await gateway.http.delete("/v1/effects/cave")
    async with gateway.components.pool.acquire() as connection:
        job = await find_job(connection, "default", video["id"])
    assert job is not None
    steps = job.stages[1].parameters["effects"]["steps"]
    assert steps == [*CAVE_STEPS, {"effect": "pitch", "amounts": {"semitones": 0}}]
    assert stage(await gateway.ended(video["id"]), "voice")["state"] == "completed"
