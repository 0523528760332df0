"""What is accepted is made: odd scripts and recordings are refused before any work, or give sound."""

import json
from pathlib import Path
from typing import Any

import av
import httpx2
import numpy as np
import pytest

from services.chassis.speech.loudness import BLOCK_SECONDS, integrated_loudness
from tests.e2e.api import Api
from tests.odd_scripts import ODD_SCRIPTS, OddScript

JOBS = "/v1/audio/jobs"
QUIETEST_LUFS = -60.0
NONE = [each for each in ODD_SCRIPTS if not each.sayable]
SAYABLE = [each for each in ODD_SCRIPTS if each.sayable]


def lufs_of(path: Path) -> float:
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)]
        rate = container.streams.audio[0].rate
    samples = np.concatenate(frames) / 32768
    return integrated_loudness(np.pad(samples, round(BLOCK_SECONDS * rate)), rate)


def fields_of(script: OddScript) -> dict[str, Any]:
    return {"script": script.text, "voice": script.voice, "ssml": script.ssml}


def newest_job(http: httpx2.Client) -> list[str]:
    return [job["id"] for job in http.get("/v1/jobs", params={"limit": 1}).json()["data"]]


@pytest.mark.parametrize("script", NONE, ids=str)
def test_what_no_voice_can_say_is_refused(http: httpx2.Client, script: OddScript):
    before = newest_job(http)
    many = {"scenes": [{"script": "Hello."}, fields_of(script)]}
    refused(http, JOBS, many, "scenes.1.script")
    spoken = {"input": script.text, "voice": script.voice, "ssml": script.ssml}
    refused(http, "/v1/audio/speech", spoken, "input")
    assert newest_job(http) == before


@pytest.mark.parametrize("script", [NONE[0], NONE[15], NONE[-1]], ids=str)
def test_it_is_refused_by_every_way_in(http: httpx2.Client, portrait: str, script: OddScript):
    before = newest_job(http)
    fields, eleven = fields_of(script), {"text": script.text, "ssml": script.ssml}
    prompt = {"prompt": script.text, "voice": script.voice, "ssml": script.ssml}
    many = {"scenes": [{"script": "Hello."}, fields]}
    refused(http, "/v1/videos", {"image": portrait, **fields}, "script")
    refused(http, "/v1/videos", {"image": portrait, **prompt}, "prompt")
    refused(http, "/v1/videos", {"image": portrait, **many}, "scenes.1.script")
    refused(http, JOBS, fields, "script")
    refused(http, f"/v1/text-to-speech/{script.voice}", eleven, "text")
    refused(http, f"/v1/text-to-speech/{script.voice}/stream/with-timestamps", eleven, "text")
    line = json.dumps({"custom_id": "odd", "url": JOBS, "body": many}).encode()
    batch = http.post("/v1/batches", files={"file": ("batch.jsonl", line)}).json()["error"]
    assert [each["field"] for each in batch["errors"]] == ["body.scenes.1.script"]
    assert newest_job(http) == before


def refused(http: httpx2.Client, url: str, body: dict[str, Any], field: str) -> None:
    """Checks that the request is refused by the field that has the script."""
    response = http.post(url, json=body)
    assert response.status_code == 422, (url, response.text)
    error = response.json()["error"]
    assert (error["code"], error["param"]) in {("script_invalid", field), ("script_empty", field)}, url


def test_what_is_accepted_is_heard(api: Api, tmp_path: Path):
    jobs = {script: api.create(JOBS, **fields_of(script), output={"format": "wav"}) for script in SAYABLE}
    for number, (script, job) in enumerate(jobs.items()):
        ended = api.wait(job["id"])
        assert ended["status"] == "completed", (script, ended["error"])
        assert lufs_of(api.download(job["id"], tmp_path / f"{number}.wav")) > QUIETEST_LUFS, script
