"""Audio jobs on the real stack: every format, twenty minutes, a killed worker, a cancel, a mixed batch."""

import json
import time
from pathlib import Path
from typing import Any

import av
import pytest

from tests.e2e.api import Api, stage
from tests.e2e.stack import Stack, engines_of

URL = "/v1/audio/jobs"
CODECS = {"mp3": "mp3", "m4a": "aac", "wav": "pcm_s16le", "opus": "opus", "flac": "flac"}
PARAGRAPH = (
    "The library was the oldest house of the town, and nobody could remember a time when its doors had been "
    "closed. In winter people came for the stove, in summer for the shade, and some of them for the books. "
)
TWENTY_MINUTES = 20 * 60.0


def long_scenes(tag: str, minutes: float) -> list[dict[str, str]]:
    """A minute of script is about 900 characters; `tag` keeps the results of other tests from being known."""
    return [{"script": f"Chapter {number} {tag}. {PARAGRAPH * 5}"} for number in range(round(minutes))]


@pytest.mark.parametrize("format_", CODECS)
def test_the_file_is_of_the_format_that_was_asked_for(api: Api, tmp_path: Path, format_: str):
    scenes = [{"script": "The first sentence."}, {"script": "The second one.", "voice": "de"}]
    job = api.make(URL, scenes=scenes, output={"format": format_, "gap_seconds": 0.5})
    path = api.download(job["id"], tmp_path / "audio")
    with av.open(str(path)) as container:
        (stream,) = container.streams
        assert stream.codec_context.codec.canonical_name == CODECS[format_]
        seconds = float((container.duration or 0) / av.time_base)
    assert (job["object"], job["format"]) == ("audio", format_)
    assert job["seconds"] == pytest.approx(seconds, abs=0.1)
    response = api.http.get(f"{URL}/{job['id']}/content", follow_redirects=False)
    assert f"{job['id']}.{format_}" in response.headers["location"]


def test_twenty_minutes_of_script_survive_a_killed_worker_and_are_made_once(api: Api, stack: Stack):
    request: dict[str, Any] = {"scenes": long_scenes("at length", 22), "voice": "en-us"}
    job = api.create(URL, **request)
    victim = stack.process("tts")
    for _, event in api.events(job["id"]):
        if [each["state"] for each in event["audio"]["stages"]].count("completed") >= 3:
            break
    victim.kill()
    ended = api.wait(job["id"])
    assert ended["status"] == "completed", ended["error"]
    assert ended["seconds"] > TWENTY_MINUTES
    workers = {each["worker"] for each in ended["stages"] if each["service"] == "tts"}
    assert len(workers) == 2, workers

    again = api.make(URL, **request)
    assert {each["cache"] for each in again["stages"]} == {"hit"}
    assert [each["executions"] for each in again["stages"]] == [[]] * len(again["stages"])


def test_a_long_job_is_cancelled_within_five_seconds(api: Api, stack: Stack):
    job = api.create(URL, scenes=long_scenes("to be cancelled", 20), no_cache=True)
    for _, event in api.events(job["id"]):
        if stage(event["audio"], "tts")["state"] == "running":
            break
    began = time.monotonic()
    cancelled = api.http.post(f"{URL}/{job['id']}/cancel").raise_for_status().json()
    assert cancelled["status"] == "cancelled"
    assert {each["state"] for each in cancelled["stages"]} <= {"cancelled", "completed"}
    while any(engine.cpu_percent(0.2) > 20 for engine in engines_of(stack.process("tts"))):
        assert time.monotonic() - began < 5, "an engine still works for the cancelled job"


def test_a_batch_mixes_videos_and_audio(api: Api, portrait: str):
    lines = [
        {
            "custom_id": "film",
            "url": "/v1/videos",
            "body": {"script": "A film.", "image": portrait, "size": "256x256"},
        },
        {"custom_id": "sound", "url": URL, "body": {"script": "A sound.", "output": {"format": "flac"}}},
    ]
    data = "\n".join(map(json.dumps, lines)).encode()
    batch = api.http.post("/v1/batches", files={"file": ("batch.jsonl", data)}).raise_for_status().json()
    results = api.http.get(batch["results_url"]).text.splitlines()
    told = {line["custom_id"]: line for line in map(json.loads, results)}
    for line in told.values():
        assert api.wait(line["job_id"])["status"] == "completed"
    assert {name: line["job"]["object"] for name, line in told.items()} == {"film": "video", "sound": "audio"}
    assert [
        json.loads(line)["content_url"] for line in api.http.get(batch["results_url"]).text.splitlines()
    ] == [
        f"/v1/videos/{told['film']['job_id']}/content",
        f"{URL}/{told['sound']['job_id']}/content",
    ]


def test_a_remix_speaks_the_changed_scene_only(api: Api):
    job = api.make(URL, scenes=[{"script": "This stays as it is."}, {"script": "This will change."}])
    changes = {"scenes": [{}, {"script": "This has changed."}]}
    again = api.wait(api.http.post(f"{URL}/{job['id']}/remix", json=changes).raise_for_status().json()["id"])
    assert again["remixed_from"] == job["id"]
    caches = {each["name"]: each["cache"] for each in again["stages"]}
    assert caches == {"scene-0/tts": "hit", "scene-1/tts": "miss", "mux": "miss"}
    assert again["request"]["scenes"][1]["script"] == "This has changed."


def test_jobs_of_all_kinds_are_listed_together_and_by_their_metadata(api: Api, portrait: str):
    metadata = {"campaign": "spring"}
    sound = api.create(URL, script="With metadata.", metadata=metadata)
    film = api.create(script="With metadata.", image=portrait, size="256x256", metadata=metadata)
    listed = api.http.get("/v1/jobs", params={"metadata[campaign]": "spring"}).json()["data"]
    assert [(job["id"], job["metadata"]) for job in listed] == [
        (film["id"], metadata),
        (sound["id"], metadata),
    ]
    assert api.http.get(f"{URL}/{film['id']}").status_code == 404
    assert api.http.get(f"/v1/videos/{sound['id']}").json()["error"]["code"] == "video_not_found"
    for job in (sound, film):
        assert api.wait(job["id"])["status"] == "completed"
