"""Lists of jobs: by kind, status and metadata, in both orders, a page at a time."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from services.gateway.jobs.store import repository
from services.gateway.jobs.store.repository import Listing
from tests.integration.gateway.writer_harness import WriterHarness, distinct_job

SPRING, AUTUMN = {"campaign": "spring", "by": "me"}, {"campaign": "autumn"}
JOBS: dict[str, tuple[str, Mapping[str, str] | None]] = {
    "video_1": ("video", SPRING),
    "audio_2": ("audio", SPRING),
    "video_3": ("video", AUTUMN),
    "audio_4": ("audio", None),
}


@pytest.fixture
async def stored(harness: WriterHarness) -> WriterHarness:
    for job_id, (kind, metadata) in JOBS.items():
        job = distinct_job(job_id)
        job = replace(job, record=replace(job.record, kind=kind, metadata=metadata))
        await harness.create(job_id, job=job)
        harness.clock.advance(1)
    return harness


@pytest.mark.parametrize(
    ("part", "ids"),
    [
        (Listing(10), ["audio_4", "video_3", "audio_2", "video_1"]),
        (Listing(10, ascending=True), ["video_1", "audio_2", "video_3", "audio_4"]),
        (Listing(10, kind="audio"), ["audio_4", "audio_2"]),
        (Listing(10, kind="audio", ascending=True), ["audio_2", "audio_4"]),
        (Listing(1, after="audio_4", kind="audio"), ["audio_2"]),
        (Listing(1, after="video_3"), ["audio_2"]),
        (Listing(10, metadata={"campaign": "spring"}), ["audio_2", "video_1"]),
        (Listing(10, kind="video", metadata={"campaign": "spring", "by": "me"}), ["video_1"]),
        (Listing(10, metadata={"campaign": "winter"}), []),
        (Listing(10, after="video_9"), []),
    ],
)
async def test_jobs_are_listed_by_what_is_asked(stored: WriterHarness, part: Listing, ids: list[str]):
    async with stored.pool.acquire() as connection:
        listed = await repository.list_jobs(connection, "default", part)
        others = await repository.list_jobs(connection, "other", part)
    assert [job.record.id for job in listed] == ids
    assert others == []
