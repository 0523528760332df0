"""Batches on the real stack: JSON Lines in, videos and results out, and cancellation."""

import io
import json
import wave
from typing import Any

import pytest

from tests.e2e.api import Api

LONG = "This sentence is said again and again, so that the rendering takes its time. " * 20
SIZE = "256x256"


def lines_of(portrait: str, scripts: dict[str, str], size: str = SIZE) -> bytes:
    lines = [
        {"custom_id": name, "url": "/v1/videos", "body": {"script": text, "image": portrait, "size": size}}
        for name, text in scripts.items()
    ]
    return b"\n".join(json.dumps(line).encode() for line in lines)


def create(api: Api, data: bytes) -> dict[str, Any]:
    response = api.http.post("/v1/batches", files={"file": ("batch.jsonl", data)})
    assert response.status_code == 200, response.text
    return response.json()


def get(api: Api, batch_id: str) -> dict[str, Any]:
    return api.http.get(f"/v1/batches/{batch_id}").raise_for_status().json()


def results(api: Api, batch_id: str) -> list[dict[str, Any]]:
    text = api.http.get(f"/v1/batches/{batch_id}/results").raise_for_status().text
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def finished(api: Api, portrait: str) -> dict[str, Any]:
    """Returns a batch of five videos that has ended."""
    data = lines_of(portrait, {f"line-{number}": f"Batch line number {number}." for number in range(5)})
    batch = create(api, data)
    for line in results(api, batch["id"]):
        api.wait(line["job_id"])
    return get(api, batch["id"])


def test_every_line_becomes_a_video(api: Api, finished: dict[str, Any]):
    assert (finished["status"], finished["progress"]) == ("completed", 100)
    counts = finished["request_counts"]
    assert (counts["total"], counts["completed"]) == (5, 5)
    lines = results(api, finished["id"])
    assert [line["custom_id"] for line in lines] == [f"line-{number}" for number in range(5)]
    for line in lines:
        content = api.http.get(line["content_url"]).raise_for_status()
        assert content.content[4:8] == b"ftyp"
        assert [len(stage["executions"]) for stage in line["job"]["stages"]] == [1, 1, 1]


def test_a_reference_is_listened_to_and_a_script_read_before_a_batch_is_taken(api: Api, portrait: str):
    hush = io.BytesIO()
    with wave.open(hush, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        file.writeframes(bytes(2 * 16_000))
    asset = api.http.post("/v1/assets", files={"file": ("hush.wav", hush.getvalue())}).json()["id"]
    bodies = [
        {"script": "Hello.", "conversion": {"reference": asset}},
        {"script": "Hello."},
        {"scenes": [{"script": "Hello."}, {"script": "[dancing] Hello."}]},
    ]
    lines = [
        {"custom_id": str(number), "body": {"image": portrait, **body}} for number, body in enumerate(bodies)
    ]
    data = b"\n".join(json.dumps(line).encode() for line in lines)
    response = api.http.post("/v1/batches", files={"file": ("batch.jsonl", data)})
    assert response.status_code == 422
    assert [(each["line"], each["param"], each["code"]) for each in response.json()["error"]["details"]] == [
        (1, "body.conversion.reference", "reference_invalid"),
        (3, "body.scenes.1.script", "script_invalid"),
    ]


def test_the_same_batch_again_runs_nothing(api: Api, portrait: str, finished: dict[str, Any]):
    data = lines_of(portrait, {f"line-{number}": f"Batch line number {number}." for number in range(5)})
    again = get(api, create(api, data)["id"])
    for line in results(api, again["id"]):
        assert [stage["cache"] for stage in api.wait(line["job_id"])["stages"]] == ["hit"] * 3
    assert get(api, again["id"])["seconds_saved"] > 0


def test_one_wrong_line_refuses_the_whole_batch(api: Api, portrait: str):
    data = lines_of(portrait, {"good": "Hello."}) + b"\n" + lines_of("asset_unknown", {"bad": "Hello."})
    response = api.http.post("/v1/batches", files={"file": ("batch.jsonl", data)})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (422, "batch_invalid")
    assert [(each["line"], each["custom_id"], each["param"]) for each in error["details"]] == [
        (2, "bad", "body.image")
    ]


def test_a_cancel_ends_all_of_it(api: Api, portrait: str):
    scripts = {f"long-{number}": f"{number}. {LONG}" for number in range(5)}
    batch = create(api, lines_of(portrait, scripts, size="1080x1080"))
    cancelled = api.http.post(f"/v1/batches/{batch['id']}/cancel").raise_for_status().json()
    assert (cancelled["status"], cancelled["request_counts"]["cancelled"]) == ("cancelled", 5)
    for line in results(api, batch["id"]):
        assert (line["status"], line["content_url"]) == ("cancelled", None)
        assert line["job"]["explanation"] is None


def test_a_video_says_why_it_waits(api: Api, portrait: str):
    """There is one worker of each service: of three long videos one is rendered, and the others wait."""
    scripts = {f"wait-{number}": f"{number}! {LONG}" for number in range(3)}
    batch = create(api, lines_of(portrait, scripts, size="1080x1080"))
    try:
        told = {line["job"]["explanation"]["code"] for line in results(api, batch["id"])}
        assert told <= {"queued_behind", "running", "waiting_for_inputs"}
    finally:
        api.http.post(f"/v1/batches/{batch['id']}/cancel")
