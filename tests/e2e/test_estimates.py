"""Estimates on the real stack: they say, stage by stage, what then runs."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.api import Api

Request = dict[str, Any]
VIDEOS, AUDIO = "/v1/videos", "/v1/audio/jobs"
SAID = "Nobody has said this {} before."


@pytest.fixture
def assets(portrait: str, reader: str) -> Request:
    return {"image": portrait, "audio": reader}


def script(assets: Request) -> Request:
    return {"image": assets["image"], "script": SAID.format("script")}


def several_scenes(assets: Request) -> Request:
    scenes = [{"script": SAID.format("first")}, {"script": SAID.format("second"), "voice": "de"}]
    return {"image": assets["image"], "scenes": scenes}


def equal_scenes(assets: Request) -> Request:
    return {"image": assets["image"], "scenes": [{"script": SAID.format("refrain")}] * 3}


def recorded(assets: Request) -> Request:
    # Of a size of its own: other tests align the same recording, to the same words.
    spoken = {"audio": assets["audio"], "transcript": "Something was recorded."}
    return {"image": assets["image"], "size": "264x264", **spoken}


def converted(assets: Request) -> Request:
    return script(assets) | {"script": SAID.format("higher"), "conversion": {"pitch_semitones": 3}}


def effects(assets: Request) -> Request:
    return script(assets) | {"script": SAID.format("chipmunk"), "effects": ["chipmunk"]}


def silent(assets: Request) -> Request:
    return {"image": assets["image"], "prompt": "smile and zoom in", "seconds": 1}


def markup(assets: Request) -> Request:
    text = '<speak>Nobody has <emphasis>ever</emphasis> said this.<break time="200ms"/></speak>'
    return script(assets) | {"script": text, "ssml": True}


def no_cache(assets: Request) -> Request:
    return script(assets) | {"script": SAID.format("again"), "no_cache": True}


def another_format(assets: Request) -> Request:
    output = {"format": "prores4444", "fps": 30}
    return script(assets) | {"size": "256x256", "script": SAID.format("transparent"), "output": output}


def audio_file(_: Request) -> Request:
    return {"scenes": [{"script": SAID.format("file")}, {"script": SAID.format("part")}]}


SHAPES: dict[Callable[[Request], Request], str] = {
    script: VIDEOS,
    several_scenes: VIDEOS,
    equal_scenes: VIDEOS,
    recorded: VIDEOS,
    converted: VIDEOS,
    effects: VIDEOS,
    silent: VIDEOS,
    markup: VIDEOS,
    no_cache: VIDEOS,
    another_format: VIDEOS,
    audio_file: AUDIO,
}


def estimated(api: Api, url: str, request: Request) -> Request:
    response = api.http.post(f"{url}/estimate", json=request)
    assert response.status_code == 200, response.text
    return response.json()


def uses(stages: list[Request]) -> list[tuple[str, str, str]]:
    return [(each["name"], each["engine"], each["cache"]) for each in stages]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_an_estimate_says_stage_by_stage_what_then_runs(
    api: Api, assets: Request, shape: Callable[[Request], Request]
):
    url, request = SHAPES[shape], shape(assets)
    before = estimated(api, url, request)
    made = api.make(url, **request)
    assert uses(before["stages"]) == uses(made["stages"])
    ran = [each for each in made["stages"] if each["executions"]]
    assert before["stages_to_run"] == len(ran) > 0

    again = estimated(api, url, request)
    remade = api.make(url, **request)
    assert uses(again["stages"]) == uses(remade["stages"])
    ran_again = [each for each in remade["stages"] if each["executions"]]
    assert again["stages_to_run"] == len(ran_again) == (len(ran) if request.get("no_cache") else 0)
    assert again["media_seconds"] == pytest.approx(float(made["seconds"]), abs=0.2)
    if not request.get("no_cache"):
        assert (again["run_seconds"], again["eta_seconds"]) == (0, 0)


def test_a_changed_word_is_estimated_as_the_stages_of_its_scene(api: Api, assets: Request):
    scenes = [{"script": SAID.format(word)} for word in ("one", "two", "three")]
    request: Request = {"image": assets["image"], "scenes": scenes}
    api.make(**request)
    scenes[1] = {"script": SAID.format("other")}
    estimate = estimated(api, VIDEOS, request)
    missed = [each["name"] for each in estimate["stages"] if each["cache"] == "miss"]
    assert missed == ["scene-1/tts", "scene-1/video", "mux"]
    assert all(each["run_seconds"] > 0 for each in estimate["stages"] if each["cache"] == "miss")


def test_a_dry_run_is_an_estimate_and_creates_nothing(api: Api, assets: Request):
    request = script(assets) | {"script": SAID.format("dry")}
    dry = api.create(**request, dry_run=True)
    assert (dry["object"], dry["kind"], dry["stages_to_run"]) == ("estimate", "video", 3)
    newest = api.http.get(VIDEOS, params={"limit": 1}).json()["data"]
    assert not newest or newest[0]["prompt"] != request["script"]
    assert uses(estimated(api, VIDEOS, request)["stages"]) == uses(dry["stages"])


def test_an_estimate_refuses_what_a_creation_refuses(api: Api, assets: Request):
    request = script(assets) | {"voice": "nobody"}
    refused = [api.http.post(url, json=request) for url in (VIDEOS, f"{VIDEOS}/estimate")]
    assert {response.status_code for response in refused} == {422}
    codes = [response.json()["error"]["code"] for response in refused]
    assert codes[0] == codes[1]
