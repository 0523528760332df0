"""What nothing refers to any more leaves the store, and nothing else does."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from services.chassis.errors import StoreUnavailable
from services.chassis.storage import Artifact, ObjectStore
from services.gateway.garbage.collector import CLAIM_SECONDS, Deletes, GarbageCollector, discard
from services.gateway.jobs.domain.models import Job
from tests.integration.gateway.conftest import BuildSettings
from tests.integration.gateway.fake_workers import FakeWorkers, complete, start_and_fall_silent
from tests.integration.gateway.gateway import Gateway, gateway_of, picture
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import OUTPUTS, WriterHarness, completed, started
from tests.servers import NatsBroker
from tests.unit.gateway.jobs.job_examples import build_job

DELAY = 60.0
DAY = 24 * 3600.0


def collector(books: WriterHarness, store: Deletes) -> GarbageCollector:
    return GarbageCollector(books.pool, store, books.clock, interval_seconds=1, upload_seconds=DAY)


async def collect(books: WriterHarness, store: Deletes) -> None:
    """What is due once the delay is over."""
    books.clock.turn(DELAY)
    await collector(books, store).collect()


async def put(store: ObjectStore, letter: str) -> Artifact:
    return await store.put_bytes("default", letter.encode(), "application/test")


async def make(
    books: WriterHarness,
    store: ObjectStore,
    job_id: str = "video_1",
    letters: str = "svm",
    job: Job | None = None,
) -> list[Artifact]:
    """A completed video, and what its stages have made."""
    await books.create(job_id, job=job)
    made = [await put(store, letter) for letter in letters]
    for service, artifact in zip(OUTPUTS, made, strict=True):
        outputs = {OUTPUTS[service]: artifact}
        await books.tell(completed(service, job_id=job_id, outputs=outputs), job_id=job_id)
    assert (await books.job(job_id)).record.status == "completed"
    return made


async def there(store: ObjectStore, artifacts: list[Artifact]) -> list[bool]:
    return [await store.head(artifact.key) is not None for artifact in artifacts]


async def listed(books: WriterHarness) -> list[str]:
    return [row["object_key"] for row in await books.pool.fetch("SELECT object_key FROM garbage")]


def changed_mux() -> Job:
    job = build_job()
    return replace(job, stages=(*job.stages[:2], replace(job.stages[2], parameters={"shortest": True})))


async def test_what_a_deleted_video_had_made_is_removed(books: WriterHarness, store: ObjectStore):
    made = await make(books, store)
    await books.writer.delete("default", "video_1")
    await collector(books, store).collect()
    assert await there(store, made) == [True, True, True]
    await collect(books, store)
    assert await there(store, made) == [False, False, False]
    assert await listed(books) == []


async def test_a_video_that_is_not_deleted_keeps_all_of_it(books: WriterHarness, store: ObjectStore):
    made = await make(books, store)
    await collect(books, store)
    assert await there(store, made) == [True, True, True]


async def test_what_another_video_was_spared_by_stays_until_that_is_deleted_too(
    books: WriterHarness, store: ObjectStore
):
    await make(books, store)
    assert [stage.cache for stage in (await books.create("video_2")).stages] == ["hit", "hit", "hit"]
    await books.writer.delete("default", "video_1")
    await collect(books, store)
    made = [artifact for stage in (await books.job("video_2")).stages for artifact in stage.outputs.values()]
    assert (await there(store, made), await listed(books)) == ([True, True, True], [])
    await books.writer.delete("default", "video_2")
    await collect(books, store)
    assert await there(store, made) == [False, False, False]


async def test_only_what_the_other_video_has_not_in_common_goes(books: WriterHarness, store: ObjectStore):
    first = await make(books, store)
    await make(books, store, "video_2", "svn", changed_mux())
    await books.writer.delete("default", "video_1")
    await collect(books, store)
    assert await there(store, first) == [True, True, False]


async def test_what_is_also_an_asset_stays(books: WriterHarness, store: ObjectStore):
    made = await make(books, store)
    await books.pool.execute(
        "INSERT INTO assets (id, workspace_id, kind, filename, object_key, sha256, media_type, size_bytes) "
        "VALUES ('asset_1', 'default', 'audio', 'a', $1, 'x', 'audio/flac', 1)",
        made[0].key,
    )
    await books.writer.delete("default", "video_1")
    await collect(books, store)
    assert await there(store, made) == [True, False, False]


async def test_a_result_that_comes_for_a_cancelled_video_is_removed(books: WriterHarness, store: ObjectStore):
    await books.create()
    await books.tell(started("tts"))
    await books.writer.cancel("default", ["video_1"])
    late = await put(store, "l")
    await books.tell(completed("tts", outputs={"speech": late}))
    await collect(books, store)
    assert await there(store, [late]) == [False]


async def test_a_result_that_comes_for_a_deleted_video_is_removed(books: WriterHarness, store: ObjectStore):
    await books.create()
    await books.tell(started("tts"))
    await books.writer.delete("default", "video_1")
    late = await put(store, "l")
    await books.tell(completed("tts", outputs={"speech": late}))
    await collect(books, store)
    assert await there(store, [late]) == [False]


async def test_a_second_result_is_removed_unless_it_is_the_same(books: WriterHarness, store: ObjectStore):
    made = await make(books, store)
    other = await put(store, "z")
    for artifact in (made[0], other):
        await books.tell(completed("tts", worker_id="zombie", outputs={"speech": artifact}))
    await collect(books, store)
    assert await there(store, [*made, other]) == [True, True, True, False]


async def test_what_another_gateway_has_taken_in_just_now_is_removed_too(
    books: WriterHarness, store: ObjectStore
):
    """The one that deletes the video has it in memory as it was before."""
    deleting = WriterHarness.opened(books.pool, books.clock, cached_jobs=10)
    await deleting.create()
    late = await put(store, "l")
    await books.tell(started("tts"), completed("tts", outputs={"speech": late}))
    assert await deleting.writer.delete("default", "video_1")
    assert await books.cancels() == ["video_1"]
    await collect(books, store)
    assert await there(store, [late]) == [False]


class HookedStore:
    """The real store; the test may do something before each deletion."""

    def __init__(self, store: ObjectStore, before: Callable[[str], Awaitable[None]]) -> None:
        self._store = store
        self._before = before

    async def delete(self, key: str) -> None:
        await self._before(key)
        await self._store.delete(key)


async def test_while_the_store_is_away_garbage_waits(books: WriterHarness, store: ObjectStore):
    async def refuse(key: str) -> None:
        raise StoreUnavailable("The object store cannot be reached.")

    made = await make(books, store)
    await books.writer.delete("default", "video_1")
    with pytest.raises(StoreUnavailable):
        await collect(books, HookedStore(store, refuse))
    assert sorted(await listed(books)) == sorted(artifact.key for artifact in made)
    books.clock.turn(CLAIM_SECONDS)
    await collector(books, store).collect()
    assert (await there(store, made), await listed(books)) == ([False, False, False], [])


async def test_what_was_deleted_before_the_store_went_away_counts(books: WriterHarness, store: ObjectStore):
    made = await make(books, store)
    refused = made[1].key

    async def refuse_one(key: str) -> None:
        if key == refused:
            raise StoreUnavailable("The object store cannot be reached.")

    await books.writer.delete("default", "video_1")
    with pytest.raises(StoreUnavailable):
        await collect(books, HookedStore(store, refuse_one))
    assert await there(store, made) == [False, True, False]
    assert await listed(books) == [refused]


async def test_two_collectors_at_once_delete_each_object_once(books: WriterHarness, store: ObjectStore):
    deleted: Counter[str] = Counter()

    async def count(key: str) -> None:
        deleted[key] += 1

    made = await make(books, store)
    await books.writer.delete("default", "video_1")
    books.clock.turn(DELAY)
    both = (collector(books, HookedStore(store, count)) for _ in range(2))
    assert sum(await asyncio.gather(*(each.collect() for each in both))) == 3
    assert deleted == dict.fromkeys((artifact.key for artifact in made), 1)


async def test_what_is_discarded_again_meanwhile_stays_on_the_list(books: WriterHarness, store: ObjectStore):
    """Somebody may have put it again in between."""

    async def discard_again(key: str) -> None:
        async with books.pool.acquire() as connection:
            await discard(connection, [key], books.clock.now)

    late = await put(store, "l")
    await discard_again(late.key)
    await collect(books, HookedStore(store, discard_again))
    assert await listed(books) == [late.key]
    await collector(books, store).collect()
    assert await listed(books) == []


async def test_a_result_that_arrives_while_its_object_is_deleted_is_not_reused(
    books: WriterHarness, store: ObjectStore
):
    speech = await put(store, "s")

    async def complete_it(key: str) -> None:
        await books.tell(completed("tts", outputs={"speech": speech}))

    await books.create()
    async with books.pool.acquire() as connection:
        await discard(connection, [speech.key], books.clock.now)
    await collect(books, HookedStore(store, complete_it))
    again = (await books.create("video_2")).stages[0]
    assert (again.state, again.cache) == ("queued", "miss")


async def test_an_upload_that_is_never_completed_is_forgotten_after_a_day(
    books: WriterHarness, store: ObjectStore
):
    old, fresh = await put(store, "o"), await put(store, "f")
    for name, artifact, hours in (("old", old, 24), ("fresh", fresh, 23)):
        await books.pool.execute(
            "INSERT INTO uploads (id, workspace_id, object_key, filename, created_at) "
            "VALUES ($1, 'default', $2, 'f', $3::timestamptz - make_interval(hours => $4))",
            name,
            artifact.key,
            books.clock.now,
            hours,
        )
    await collector(books, store).collect()
    assert await there(store, [old, fresh]) == [False, True]
    assert [row["id"] for row in await books.pool.fetch("SELECT id FROM uploads")] == ["fresh"]


@pytest.fixture
def tidy_settings(build_settings: BuildSettings) -> BuildSettings:
    """Of a gateway that removes garbage at once."""
    return lambda broker, **changes: build_settings(broker, garbage_delay_seconds=0, **changes)


async def test_a_gateway_removes_what_is_deleted_through_its_api(
    tidy_settings: BuildSettings, broker: NatsBroker, studio: FakeWorkers
):
    async with gateway_of(tidy_settings(broker)) as tidy:
        await tidy.meet(studio)
        video = await tidy.create(script="Soon gone.")
        await tidy.ended(video["id"])
        rows = await tidy.components.pool.fetch("SELECT object_key FROM artifact_references")
        keys = {row["object_key"] for row in rows}
        assert len(keys) == 6
        (await tidy.http.delete(f"/v1/videos/{video['id']}")).raise_for_status()
        await eventually(lambda: are_gone(tidy, keys))


async def test_a_deleted_asset_stays_until_the_videos_that_it_was_given_to_have_ended(
    tidy_settings: BuildSettings, broker: NatsBroker, studio: FakeWorkers
):
    async with gateway_of(tidy_settings(broker)) as tidy:
        await tidy.meet(studio)
        studio["tts"].act = start_and_fall_silent
        asset = await tidy.upload(picture(161, 203, "plum"))
        (key,) = [row["object_key"] for row in await tidy.components.pool.fetch("SELECT * FROM assets")]
        video = await tidy.create(script="Still needed.", image=asset)
        request = await studio["tts"].asked()
        (await tidy.http.delete(f"/v1/assets/{asset}")).raise_for_status()
        claimed = "SELECT count(*) FROM garbage WHERE due_at > now()"
        await eventually(lambda: tidy.components.pool.fetchval(claimed))
        assert await tidy.components.store.head(key) is not None
        await complete(studio["tts"], request)
        assert (await tidy.ended(video["id"]))["status"] == "completed"
        await tidy.components.pool.execute("UPDATE garbage SET due_at = now()")
        await eventually(lambda: are_gone(tidy, {key}))


async def are_gone(gateway: Gateway, keys: set[str]) -> bool:
    return not any([await gateway.components.store.head(key) is not None for key in keys])
