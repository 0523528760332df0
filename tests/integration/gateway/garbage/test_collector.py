"""The garbage collector deletes objects that nothing refers to any more, and no others."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from services.chassis.errors import StoreUnavailable
from services.chassis.storage import Artifact, ObjectStore
from services.gateway.garbage.collector import CLAIM_SECONDS, GarbageCollector, ObjectDeleter, discard
from services.gateway.jobs.domain.models import Job
from services.gateway.settings import GatewaySettings
from tests.integration.gateway.conftest import BuildSettings
from tests.integration.gateway.fake_workers import FakeWorkers, complete, start_only
from tests.integration.gateway.gateway import Gateway, picture, run_gateway
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import OUTPUTS, WriterHarness, completed, started
from tests.servers import NatsBroker
from tests.unit.gateway.jobs.job_examples import build_job

DELAY = 60.0
DAY = 24 * 3600.0
HOUR = 3600.0


def collector(harness: WriterHarness, store: ObjectDeleter) -> GarbageCollector:
    return GarbageCollector(
        harness.pool, store, harness.clock, interval_seconds=1, upload_seconds=DAY, url_seconds=HOUR
    )


async def collect(harness: WriterHarness, store: ObjectDeleter) -> None:
    """Collects everything that is due once the delay is over."""
    harness.clock.advance(DELAY)
    await collector(harness, store).collect()


async def put(store: ObjectStore, letter: str) -> Artifact:
    return await store.put_bytes("default", letter.encode(), "application/test")


async def create_completed(
    harness: WriterHarness,
    store: ObjectStore,
    job_id: str = "video_1",
    letters: str = "svm",
    job: Job | None = None,
) -> list[Artifact]:
    """Completes a job. Returns the artifacts that its stages have made."""
    await harness.create(job_id, job=job)
    artifacts = [await put(store, letter) for letter in letters]
    for service, artifact in zip(OUTPUTS, artifacts, strict=True):
        outputs = {OUTPUTS[service]: artifact}
        await harness.apply(completed(service, job_id=job_id, outputs=outputs), job_id=job_id)
    assert (await harness.job(job_id)).record.status == "completed"
    return artifacts


async def are_stored(store: ObjectStore, artifacts: list[Artifact]) -> list[bool]:
    return [await store.head(artifact.key) is not None for artifact in artifacts]


async def garbage_keys(harness: WriterHarness) -> list[str]:
    return [row["object_key"] for row in await harness.pool.fetch("SELECT object_key FROM garbage")]


def changed_mux() -> Job:
    job = build_job()
    return replace(job, stages=(*job.stages[:2], replace(job.stages[2], parameters={"shortest": True})))


async def test_artifacts_of_a_deleted_job_are_deleted(harness: WriterHarness, store: ObjectStore):
    artifacts = await create_completed(harness, store)
    await harness.writer.delete("default", "video_1")
    await collector(harness, store).collect()
    assert await are_stored(store, artifacts) == [True, True, True]
    await collect(harness, store)
    assert await are_stored(store, artifacts) == [False, False, False]
    assert await garbage_keys(harness) == []


async def test_a_job_that_is_not_deleted_keeps_its_artifacts(harness: WriterHarness, store: ObjectStore):
    artifacts = await create_completed(harness, store)
    await collect(harness, store)
    assert await are_stored(store, artifacts) == [True, True, True]


async def test_a_reused_artifact_stays_until_the_last_job_is_deleted(
    harness: WriterHarness, store: ObjectStore
):
    await create_completed(harness, store)
    assert [stage.cache for stage in (await harness.create("video_2")).stages] == ["hit", "hit", "hit"]
    await harness.writer.delete("default", "video_1")
    await collect(harness, store)
    artifacts = [
        artifact for stage in (await harness.job("video_2")).stages for artifact in stage.outputs.values()
    ]
    assert (await are_stored(store, artifacts), await garbage_keys(harness)) == ([True, True, True], [])
    await harness.writer.delete("default", "video_2")
    await collect(harness, store)
    assert await are_stored(store, artifacts) == [False, False, False]


async def test_only_artifacts_that_no_other_job_shares_are_deleted(
    harness: WriterHarness, store: ObjectStore
):
    first = await create_completed(harness, store)
    await create_completed(harness, store, "video_2", "svn", changed_mux())
    await harness.writer.delete("default", "video_1")
    await collect(harness, store)
    assert await are_stored(store, first) == [True, True, False]


async def test_an_artifact_that_is_also_an_asset_stays(harness: WriterHarness, store: ObjectStore):
    artifacts = await create_completed(harness, store)
    await harness.pool.execute(
        "INSERT INTO assets (id, workspace_id, kind, filename, object_key, sha256, media_type, size_bytes) "
        "VALUES ('asset_1', 'default', 'audio', 'a', $1, 'x', 'audio/flac', 1)",
        artifacts[0].key,
    )
    await harness.writer.delete("default", "video_1")
    await collect(harness, store)
    assert await are_stored(store, artifacts) == [True, False, False]


async def test_a_late_result_of_a_cancelled_job_is_deleted(harness: WriterHarness, store: ObjectStore):
    await harness.create()
    await harness.apply(started("tts"))
    await harness.writer.cancel("default", ["video_1"])
    late = await put(store, "l")
    await harness.apply(completed("tts", outputs={"speech": late}))
    await collect(harness, store)
    assert await are_stored(store, [late]) == [False]


async def test_a_late_result_of_a_deleted_job_is_deleted(harness: WriterHarness, store: ObjectStore):
    await harness.create()
    await harness.apply(started("tts"))
    await harness.writer.delete("default", "video_1")
    late = await put(store, "l")
    await harness.apply(completed("tts", outputs={"speech": late}))
    await collect(harness, store)
    assert await are_stored(store, [late]) == [False]


async def test_a_second_result_is_deleted_unless_it_is_the_same(harness: WriterHarness, store: ObjectStore):
    artifacts = await create_completed(harness, store)
    other = await put(store, "z")
    for artifact in (artifacts[0], other):
        await harness.apply(completed("tts", worker_id="zombie", outputs={"speech": artifact}))
    await collect(harness, store)
    assert await are_stored(store, [*artifacts, other]) == [True, True, True, False]


async def test_a_result_just_received_by_another_gateway_is_deleted_too(
    harness: WriterHarness, store: ObjectStore
):
    """The gateway that deletes the job has an older version of it in its cache."""
    deleting = WriterHarness.open(harness.pool, harness.clock, cached_jobs=10)
    await deleting.create()
    late = await put(store, "l")
    await harness.apply(started("tts"), completed("tts", outputs={"speech": late}))
    assert await deleting.writer.delete("default", "video_1")
    assert await harness.job_cancellations() == ["video_1"]
    await collect(harness, store)
    assert await are_stored(store, [late]) == [False]


class HookedStore:
    """The real store with a hook that runs before each deletion."""

    def __init__(self, store: ObjectStore, before: Callable[[str], Awaitable[None]]) -> None:
        self._store = store
        self._before = before

    async def delete(self, key: str) -> None:
        await self._before(key)
        await self._store.delete(key)


async def test_garbage_waits_while_the_store_is_unavailable(harness: WriterHarness, store: ObjectStore):
    async def refuse(key: str) -> None:
        raise StoreUnavailable("The object store cannot be reached.")

    artifacts = await create_completed(harness, store)
    await harness.writer.delete("default", "video_1")
    with pytest.raises(StoreUnavailable):
        await collect(harness, HookedStore(store, refuse))
    assert sorted(await garbage_keys(harness)) == sorted(artifact.key for artifact in artifacts)
    harness.clock.advance(CLAIM_SECONDS)
    await collector(harness, store).collect()
    assert (await are_stored(store, artifacts), await garbage_keys(harness)) == ([False, False, False], [])


async def test_deletions_before_the_store_became_unavailable_count(
    harness: WriterHarness, store: ObjectStore
):
    artifacts = await create_completed(harness, store)
    refused = artifacts[1].key

    async def refuse_one(key: str) -> None:
        if key == refused:
            raise StoreUnavailable("The object store cannot be reached.")

    await harness.writer.delete("default", "video_1")
    with pytest.raises(StoreUnavailable):
        await collect(harness, HookedStore(store, refuse_one))
    assert await are_stored(store, artifacts) == [False, True, False]
    assert await garbage_keys(harness) == [refused]


async def test_two_collectors_at_once_delete_each_object_once(harness: WriterHarness, store: ObjectStore):
    deleted: Counter[str] = Counter()

    async def count(key: str) -> None:
        deleted[key] += 1

    artifacts = await create_completed(harness, store)
    await harness.writer.delete("default", "video_1")
    harness.clock.advance(DELAY)
    both = (collector(harness, HookedStore(store, count)) for _ in range(2))
    assert sum(await asyncio.gather(*(each.collect() for each in both))) == 3
    assert deleted == dict.fromkeys((artifact.key for artifact in artifacts), 1)


async def test_an_object_that_is_discarded_again_during_its_deletion_stays_listed(
    harness: WriterHarness, store: ObjectStore
):
    """The object may have been stored again in between."""

    async def discard_again(key: str) -> None:
        async with harness.pool.acquire() as connection:
            await discard(connection, [key], harness.clock.now)

    late = await put(store, "l")
    await discard_again(late.key)
    await collect(harness, HookedStore(store, discard_again))
    assert await garbage_keys(harness) == [late.key]
    await collector(harness, store).collect()
    assert await garbage_keys(harness) == []


async def test_a_result_that_arrives_while_its_object_is_deleted_is_not_reused(
    harness: WriterHarness, store: ObjectStore
):
    speech = await put(store, "s")

    async def complete_it(key: str) -> None:
        await harness.apply(completed("tts", outputs={"speech": speech}))

    await harness.create()
    async with harness.pool.acquire() as connection:
        await discard(connection, [speech.key], harness.clock.now)
    await collect(harness, HookedStore(store, complete_it))
    again = (await harness.create("video_2")).stages[0]
    assert (again.state, again.cache) == ("queued", "miss")


async def test_an_upload_that_is_never_completed_is_deleted_after_a_day(
    harness: WriterHarness, store: ObjectStore
):
    old, fresh = await put(store, "o"), await put(store, "f")
    for name, artifact, hours in (("old", old, 24), ("fresh", fresh, 23)):
        await harness.pool.execute(
            "INSERT INTO uploads (id, workspace_id, object_key, filename, created_at) "
            "VALUES ($1, 'default', $2, 'f', $3::timestamptz - make_interval(hours => $4))",
            name,
            artifact.key,
            harness.clock.now,
            hours,
        )
    await collector(harness, store).collect()
    assert await are_stored(store, [old, fresh]) == [False, True]
    assert [row["id"] for row in await harness.pool.fetch("SELECT id FROM uploads")] == ["fresh"]


@pytest.fixture
def eager_settings(build_settings: BuildSettings) -> BuildSettings:
    """Settings of a gateway that deletes garbage at once."""

    def build(broker: NatsBroker, **changes: object) -> GatewaySettings:
        return build_settings(broker, garbage_delay_seconds=0, **changes)

    return build


async def test_a_gateway_deletes_artifacts_of_jobs_deleted_through_its_api(
    eager_settings: BuildSettings, broker: NatsBroker, workers: FakeWorkers
):
    async with run_gateway(eager_settings(broker)) as eager:
        await eager.register(workers)
        video = await eager.create(script="Soon gone.")
        await eager.ended(video["id"])
        rows = await eager.components.pool.fetch("SELECT object_key FROM artifact_references")
        keys = {row["object_key"] for row in rows}
        assert len(keys) == 6
        (await eager.http.delete(f"/v1/videos/{video['id']}")).raise_for_status()
        await eventually(lambda: are_gone(eager, keys))


async def test_a_deleted_asset_stays_in_the_store_until_its_jobs_have_ended(
    eager_settings: BuildSettings, broker: NatsBroker, workers: FakeWorkers
):
    async with run_gateway(eager_settings(broker)) as eager:
        await eager.register(workers)
        workers["tts"].behaviour = start_only
        asset = await eager.upload(picture(161, 203, "plum"))
        (key,) = [row["object_key"] for row in await eager.components.pool.fetch("SELECT * FROM assets")]
        video = await eager.create(script="Still needed.", image=asset)
        request = await workers["tts"].received()
        (await eager.http.delete(f"/v1/assets/{asset}")).raise_for_status()
        claimed = "SELECT count(*) FROM garbage WHERE due_at > now()"
        await eventually(lambda: eager.components.pool.fetchval(claimed))
        assert await eager.components.store.head(key) is not None
        await complete(workers["tts"], request)
        assert (await eager.ended(video["id"]))["status"] == "completed"
        await eager.components.pool.execute("UPDATE garbage SET due_at = now()")
        await eventually(lambda: are_gone(eager, {key}))


async def are_gone(gateway: Gateway, keys: set[str]) -> bool:
    return not any([await gateway.components.store.head(key) is not None for key in keys])
