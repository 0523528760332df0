"""Commands on jobs, with a gateway whose answers the test decides."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.cli.client import GatewayClient
from services.cli.commands.cancel import cancel_one
from services.cli.commands.delete import delete_job
from services.cli.commands.download import ending_in, fetch, place_for
from services.cli.commands.each import CannotDo
from services.cli.commands.options import pairs_of
from services.cli.commands.retry import retry_job
from services.cli.commands.show import fields_of, stage_row
from services.cli.destination import STDOUT
from services.cli.errors import CliError, UsageError

STAGE: dict[str, Any] = {
    "id": "stage_1",
    "name": "mux",
    "service": "mux",
    "engine": "ffmpeg",
    "state": "completed",
    "progress": 1.0,
    "attempt": 1,
    "cache": "miss",
    "run_seconds": 1.26,
    "error": None,
    "explanation": None,
}
FAILURE = {"code": "timed_out", "message": "Took too long."}


def job(status: str = "completed", **fields: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "id": "video_1",
        "object": "video",
        "status": status,
        "progress": 100,
        "created_at": 1000,
        "eta_seconds": None,
        "error": None,
        "explanation": None,
        "batch_id": None,
        "redriven_from": None,
        "metadata": {},
        "warnings": [],
        "stages": [],
        "prompt": "Hello.",
    }
    return defaults | fields


class FakeGateway:
    """Answers each request as the test says, by method and path. Keeps the requests."""

    def __init__(self, **answers: httpx2.Response | dict[str, Any]) -> None:
        self._answers = answers
        self.requests: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(f"{request.method} {request.url.path}")
        answer = self._answers[f"{request.method.lower()}_{request.url.path.split('/')[-1]}"]
        return answer if isinstance(answer, httpx2.Response) else httpx2.Response(200, json=answer)

    @property
    def client(self) -> GatewayClient:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self), base_url="http://gateway")
        return GatewayClient(http)


def refused(status: int, code: str) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"code": code, "message": "No."}})


@pytest.mark.parametrize(
    ("status", "said"),
    [("cancelled", "video_1: cancelled"), ("failed", "video_1: failed already, nothing to cancel")],
)
async def test_a_cancelled_job_is_told_from_one_that_had_ended(status: str, said: str) -> None:
    gateway = FakeGateway(post_cancel=job(status))
    assert await cancel_one(gateway.client, "video_1") == said


async def test_a_batch_is_cancelled_as_a_whole() -> None:
    counts = {"total": 3, "completed": 1, "failed": 0, "cancelled": 2}
    batch = {"id": "batch_1", "status": "cancelled", "progress": 100, "request_counts": counts}
    gateway = FakeGateway(post_cancel=batch)
    said = await cancel_one(gateway.client, "batch_1")
    assert said == "batch_1: cancelled, 100%: 1 of 3 completed, 2 cancelled"
    assert gateway.requests == ["POST /v1/batches/batch_1/cancel"]


async def test_a_job_under_way_is_not_deleted_without_force() -> None:
    gateway = FakeGateway(get_video_1=job("in_progress"), delete_video_1={})
    with pytest.raises(CannotDo, match=r"`likeness cancel video_1`, or give --force"):
        await delete_job(gateway.client, "video_1", force=False)
    assert gateway.requests == ["GET /v1/jobs/video_1"]

    await delete_job(gateway.client, "video_1", force=True)
    assert gateway.requests[-1] == "DELETE /v1/jobs/video_1"


async def test_a_job_that_has_ended_is_deleted() -> None:
    gateway = FakeGateway(get_video_1=job("failed"), delete_video_1={})
    await delete_job(gateway.client, "video_1", force=False)
    assert gateway.requests[-1] == "DELETE /v1/jobs/video_1"


async def test_the_failed_stage_of_a_job_is_done_again() -> None:
    stages = [STAGE, {**STAGE, "id": "stage_2", "state": "failed", "error": FAILURE}]
    gateway = FakeGateway(get_video_1=job("failed", stages=stages), post_redrive=job(id="video_2"))
    assert (await retry_job(gateway.client, "video_1"))["id"] == "video_2"
    assert gateway.requests[-1] == "POST /v1/dead-letters/stage_2/redrive"


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (job("completed"), "video_1 is completed: only a failed job"),
        (
            job("failed", stages=[{**STAGE, "state": "failed", "error": FAILURE}]),
            "would fail again: Stage mux .* Took too long",
        ),
        (job("failed", error=FAILURE), "would fail again: Video video_1 failed: Took too long"),
    ],
)
async def test_a_job_that_cannot_be_done_again_says_why(found: dict[str, Any], message: str) -> None:
    gateway = FakeGateway(get_video_1=found, post_redrive=refused(404, "dead_letter_not_found"))
    with pytest.raises(CliError, match=message):
        await retry_job(gateway.client, "video_1")


async def test_a_gateway_that_cannot_do_a_job_again_now_says_so() -> None:
    found = job("failed", stages=[{**STAGE, "state": "failed", "error": FAILURE}])
    gateway = FakeGateway(get_video_1=found, post_redrive=refused(503, "database_unavailable"))
    with pytest.raises(CliError, match="database_unavailable"):
        await retry_job(gateway.client, "video_1")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (job("in_progress", progress=40), "in_progress, 40%. `likeness watch video_1` waits for it"),
        (job("failed", error=FAILURE), "There is no file: Video video_1 failed: Took too long"),
        (job("cancelled"), "There is no file: Video video_1 was cancelled"),
    ],
)
async def test_a_job_without_a_file_is_told_why(found: dict[str, Any], message: str) -> None:
    gateway = FakeGateway(get_video_1=found)
    with pytest.raises(CliError, match=message):
        await fetch(gateway.client, "video_1", None, None)
    assert gateway.requests == ["GET /v1/jobs/video_1"]


async def test_another_ending_than_that_of_the_file_is_refused(tmp_path: Path) -> None:
    headers = {"content-disposition": 'attachment; filename="video_1.webm"'}
    content = httpx2.Response(200, content=b"webm", headers=headers)
    gateway = FakeGateway(get_video_1=job(), get_content=content)
    with pytest.raises(UsageError, match=r"out\.mp4: this file ends with \.webm"):
        await fetch(gateway.client, "video_1", tmp_path / "out.mp4", None)
    assert not (tmp_path / "out.mp4").exists()


async def test_the_file_is_called_as_the_id_and_not_as_the_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Intro.webm").write_bytes(b"my own")
    headers = {"content-disposition": 'attachment; filename="Intro.webm"'}
    content = httpx2.Response(200, content=b"webm", headers=headers)
    gateway = FakeGateway(get_video_1=job(title="Intro"), get_content=content)
    assert await fetch(gateway.client, "video_1", None, None) == Path("video_1.webm")
    assert (tmp_path / "Intro.webm").read_bytes() == b"my own"
    assert (tmp_path / "video_1.webm").read_bytes() == b"webm"


async def test_a_file_is_replaced_only_if_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    there = tmp_path / "video_1.mp4"
    there.write_bytes(b"old")
    headers = {"content-disposition": 'attachment; filename="video_1.mp4"'}

    def client() -> GatewayClient:
        content = httpx2.Response(200, content=b"mp4", headers=headers)
        return FakeGateway(get_video_1=job(), get_content=content).client

    with pytest.raises(UsageError, match=r"video_1\.mp4 is there already\. Name it with --out"):
        await fetch(client(), "video_1", None, None)
    assert there.read_bytes() == b"old"

    await fetch(client(), "video_1", Path("video_1.mp4"), None)
    assert there.read_bytes() == b"mp4"


@pytest.mark.parametrize(
    ("header", "ending"),
    [
        ('attachment; filename="video_1.mp4"', ".mp4"),
        ("attachment; filename*=utf-8''%C3%9Cber%20uns.webm", ".webm"),
        ("", ""),
        ("inline", ""),
        ('attachment; filename="../../etc/passwd"', ""),
    ],
)
def test_the_ending_is_that_of_the_gateways_name(header: str, ending: str) -> None:
    assert ending_in(header) == ending


def test_stdout_has_no_ending() -> None:
    assert place_for("video_1", ".mp4", STDOUT) == STDOUT


def test_pairs_are_read_and_others_refused() -> None:
    assert pairs_of(["a=b", "c=d=e", "f="], "--metadata") == {"a": "b", "c": "d=e", "f": ""}
    for wrong in (["a"], ["=b"], ["a=1", "a=2"]):
        with pytest.raises(UsageError, match="--metadata"):
            pairs_of(wrong, "--metadata")


def test_a_job_is_shown_with_what_it_has_to_say() -> None:
    waits = {"code": "no_worker", "message": "No worker."}
    found = job(
        "queued",
        progress=0,
        explanation=waits,
        metadata={"campaign": "spring"},
        warnings=[{"code": "x", "message": "Not understood: fly.", "stage": None}],
    )
    assert fields_of(found, 1061.0) == [
        ("id", "video_1"),
        ("status", "queued, 0%"),
        ("title", "Hello."),
        ("created", "1m 1s ago"),
        ("why", "No worker."),
        ("metadata", "campaign=spring"),
        ("warning", "Not understood: fly."),
    ]


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        ({}, ["mux", "mux/ffmpeg", "completed", "100%", "1.3", "1", "miss", ""]),
        (
            {"state": "failed", "run_seconds": None, "cache": None, "error": FAILURE},
            ["mux", "mux/ffmpeg", "failed", "100%", "", "1", "", "Took too long."],
        ),
    ],
)
def test_a_stage_is_shown_in_a_row(fields: dict[str, Any], row: list[str]) -> None:
    assert stage_row(STAGE | fields) == row


def test_what_is_shown_is_part_of_the_schema_of_a_job() -> None:
    from services.gateway.jobs.views.objects import JobObject, StageObject

    assert set(job()) - {"prompt"} <= set(JobObject.model_fields)
    assert set(STAGE) <= set(StageObject.model_fields)
    assert json.dumps(job())
