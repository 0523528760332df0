"""What is accepted is made: odd scripts and recordings are refused before any work, or give sound."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import httpx2
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from services.chassis.speech.loudness import BLOCK_SECONDS, integrated_loudness
from tests.e2e.api import Api
from tests.examples import READER
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


def sound(samples: NDArray[np.float64], rate: int = 16_000, subtype: str = "PCM_16") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, subtype=subtype, format="WAV")
    return file.getvalue()


def noise(seconds: float, rate: int = 16_000) -> NDArray[np.float64]:
    return np.random.default_rng(0).normal(0, 0.1, round(seconds * rate))


def read_at(rate: int, subtype: str = "PCM_16") -> bytes:
    samples, _ = soundfile.read(READER)
    return sound(np.asarray(samples[:: 16_000 // rate], np.float64), rate, subtype)


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
    assert [each["param"] for each in batch["details"]] == ["body.scenes.1.script"]
    assert newest_job(http) == before


def refused(http: httpx2.Client, url: str, body: dict[str, Any], field: str) -> None:
    """Checks that the request is refused by the field that has the script."""
    response = http.post(url, json=body)
    assert response.status_code == 422, (url, response.text)
    error = response.json()["error"]
    voice = field.replace(field.rpartition(".")[2], "voice")
    kinds = {("script_invalid", field), ("script_empty", field), ("voice_unsuitable", voice)}
    assert (error["code"], error["param"]) in kinds, url


def test_what_is_accepted_is_heard(api: Api, tmp_path: Path):
    jobs = {script: api.create(JOBS, **fields_of(script), output={"format": "wav"}) for script in SAYABLE}
    for number, (script, job) in enumerate(jobs.items()):
        ended = api.wait(job["id"])
        assert ended["status"] == "completed", (script, ended["error"])
        assert lufs_of(api.download(job["id"], tmp_path / f"{number}.wav")) > QUIETEST_LUFS, script


ODD_RECORDINGS: dict[str, Callable[[], bytes]] = {
    "silent": lambda: sound(np.zeros(16_000)),
    "noise": lambda: sound(noise(1.0)),
    "short": lambda: sound(noise(0.1)),
    "slow": lambda: read_at(4000),
    "adpcm": lambda: read_at(16_000, "IMA_ADPCM"),
}


@pytest.mark.parametrize("name", ODD_RECORDINGS)
def test_a_recording_that_is_accepted_is_made(api: Api, portrait: str, name: str):
    """The transcripts do not belong to the recordings: they are ignored."""
    uploaded = api.http.post("/v1/assets", files={"file": ("odd.wav", ODD_RECORDINGS[name]())})
    asset = uploaded.raise_for_status().json()["id"]
    film: dict[str, Any] = {"audio": asset, "image": portrait, "size": "256x256", "no_cache": True}
    jobs = [
        api.create(**film),
        api.create(**film, transcript="Nobody says this.", language="de"),
        api.create(JOBS, audio=asset, output={"format": "flac"}),
        api.create(JOBS, audio=asset, conversion={"pitch_semitones": 3}, effects=["robot", "giant"]),
    ]
    for job in jobs:
        ended = api.wait(job["id"])
        assert ended["status"] == "completed", ended["error"]
    warned = {warning["code"] for warning in api.wait(jobs[0]["id"])["warnings"]}
    assert ("speech_level" in warned) == (name == "silent")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: sound(np.zeros(1)), "audio_too_short"),
        (lambda: sound(noise(0.01)), "audio_too_short"),
        (lambda: sound(np.full(16_000, np.nan), subtype="FLOAT"), "audio_corrupt"),
    ],
)
def test_a_recording_that_cannot_be_used_is_refused(
    http: httpx2.Client, content: Callable[[], bytes], code: str
):
    response = http.post("/v1/assets", files={"file": ("odd.wav", content())})
    assert (response.status_code, response.json()["error"]["code"]) == (422, code)


def test_what_is_said_of_a_recording_is_checked(api: Api, portrait: str, reader: str):
    scenes = [{"script": "Hello."}, {"audio": reader, "transcript": "Ha.", "language": "tlh"}]
    response = api.http.post("/v1/videos", json={"scenes": scenes, "image": portrait})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (422, "language_unknown")
    assert error["param"] == "scenes.1.language"


def test_what_only_a_stage_can_find_out_names_scene_and_field(api: Api):
    """Sixteen times twice as fast leaves nothing of a second; no inspection asks the effects."""
    steps = [{"effect": "tempo", "amounts": {"factor": 2.0}}] * 16
    scenes = [{"script": "Hello."}, {"script": "Hello.", "effects": steps}]
    ended = api.wait(api.create(JOBS, scenes=scenes)["id"])
    assert ended["status"] == "failed"
    assert (ended["error"]["code"], ended["error"]["param"]) == ("media_unreadable", "scenes.1.effects")


def test_a_voice_that_cannot_be_taken_from_a_recording_is_named(api: Api):
    hush = api.http.post("/v1/assets", files={"file": ("hush.wav", sound(np.zeros(48_000)))}).json()["id"]
    speech = {"audio": ("reader.wav", READER.read_bytes())}
    response = api.http.post(f"/v1/speech-to-speech/{hush}", files=speech)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (422, "reference_invalid", "voice_id")
