"""Dead letters: stages that were given up are listed and can be redriven as a new job."""

import asyncio
from typing import Any

from services.chassis.errors import EngineCrashed, InvalidArgument
from services.gateway.accounts import repository as accounts
from tests.integration.gateway.fake_workers import FakeWorkers, complete, fail_first, start_only
from tests.integration.gateway.gateway import Gateway, stage

FOREVER = fail_first(EngineCrashed("It died."), times=99)
OTHER = {"Authorization": "Bearer key of other"}


async def create_failed_video(
    gateway: Gateway, workers: FakeWorkers, script: str = "Hello."
) -> dict[str, Any]:
    """Returns a video whose rendering was given up."""
    workers["video"].behaviour = FOREVER
    video = await gateway.ended((await gateway.create(script=script))["id"])
    assert video["status"] == "failed"
    return video


async def list_dead_letters(gateway: Gateway, **params: Any) -> dict[str, Any]:
    return (await gateway.http.get("/v1/dead-letters", params=params)).raise_for_status().json()


async def redrive(gateway: Gateway, stage_id: str) -> dict[str, Any]:
    return (await gateway.http.post(f"/v1/dead-letters/{stage_id}/redrive")).raise_for_status().json()


async def test_a_stage_that_was_given_up_is_a_dead_letter(gateway: Gateway, workers: FakeWorkers):
    video = await create_failed_video(gateway, workers)
    (letter,) = (await list_dead_letters(gateway))["data"]
    failed = stage(video, "video")
    assert (letter["id"], letter["job_id"], letter["stage"]) == (failed["id"], video["id"], failed["name"])
    assert (letter["reason"], letter["message"]) == ("engine_crashed", "It died.")
    assert letter["failures"] == {"engine_crashed": failed["attempt"]}
    assert [run["outcome"] for run in letter["executions"]] == ["failed"] * failed["attempt"]
    assert [run["worker"] for run in letter["executions"]] == [workers["video"].worker_id] * failed["attempt"]
    assert (letter["redriven_as"], letter["failed_at"]) == (None, failed["completed_at"])


async def test_a_permanent_failure_is_no_dead_letter(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].behaviour = fail_first(InvalidArgument("This cannot be said."), times=9)
    video = await gateway.ended((await gateway.create(script="Hello."))["id"])
    assert (await list_dead_letters(gateway))["data"] == []
    refused = await gateway.http.post(f"/v1/dead-letters/{stage(video, 'tts')['id']}/redrive")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "dead_letter_not_found")


async def test_a_redrive_creates_a_new_job_that_reuses_results(gateway: Gateway, workers: FakeWorkers):
    old = await create_failed_video(gateway, workers)
    workers["video"].behaviour = complete
    new = await redrive(gateway, stage(old, "video")["id"])
    assert (new["redriven_from"], new["id"] != old["id"]) == (old["id"], True)
    done = await gateway.ended(new["id"])
    assert done["status"] == "completed"
    assert [each["cache"] for each in done["stages"]] == ["hit", "miss", "miss"]
    assert await gateway.get(old["id"]) == old
    (letter,) = (await list_dead_letters(gateway))["data"]
    assert letter["redriven_as"] == new["id"]


async def test_redriving_twice_returns_the_same_new_job(gateway: Gateway, workers: FakeWorkers):
    letter = stage(await create_failed_video(gateway, workers), "video")["id"]
    workers["video"].behaviour = start_only
    made = await asyncio.gather(*(redrive(gateway, letter) for _ in range(4)))
    assert len({video["id"] for video in made}) == 1
    assert (await redrive(gateway, letter))["id"] == made[0]["id"]


async def test_the_first_dead_letter_also_redrives_a_failed_or_cancelled_redrive(
    gateway: Gateway, workers: FakeWorkers
):
    first = await create_failed_video(gateway, workers)
    letter = stage(first, "video")["id"]
    second = await gateway.ended((await redrive(gateway, letter))["id"])
    assert second["status"] == "failed"
    workers["video"].behaviour = start_only
    third = await redrive(gateway, letter)
    assert third["redriven_from"] == second["id"]
    assert (await redrive(gateway, stage(second, "video")["id"]))["id"] == third["id"]
    await gateway.http.post(f"/v1/videos/{third['id']}/cancel")
    fourth = await redrive(gateway, letter)
    assert fourth["redriven_from"] == third["id"]


async def test_dead_letters_are_listed_newest_first_in_pages(gateway: Gateway, workers: FakeWorkers):
    ids = [
        stage(await create_failed_video(gateway, workers, f"Number {n}."), "video")["id"] for n in range(3)
    ][::-1]
    page = await list_dead_letters(gateway, limit=2)
    assert ([letter["id"] for letter in page["data"]], page["has_more"]) == (ids[:2], True)
    rest = await list_dead_letters(gateway, after=page["last_id"])
    assert ([letter["id"] for letter in rest["data"]], rest["has_more"]) == (ids[2:], False)
    assert (await list_dead_letters(gateway, after="stage_unknown"))["data"] == []


async def test_another_workspace_cannot_read_or_redrive_a_dead_letter(gateway: Gateway, workers: FakeWorkers):
    async with gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
    letter = stage(await create_failed_video(gateway, workers), "video")["id"]
    assert (await gateway.http.get("/v1/dead-letters", headers=OTHER)).json()["data"] == []
    refused = await gateway.http.post(f"/v1/dead-letters/{letter}/redrive", headers=OTHER)
    assert refused.status_code == 404
