"""Speech through the whole stack: lexicon, emotions, effects and recordings."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest

from tests.e2e.api import Api, stage

RATE = 24_000


def say(http: httpx2.Client, text: str, **fields: Any) -> np.ndarray:
    """Returns the speech of the text as samples from -1 to 1."""
    response = http.post("/v1/audio/speech", json={"input": text, "response_format": "pcm", **fields})
    assert response.status_code == 200, response.text
    return np.frombuffer(response.content, dtype="<i2") / 32768


def phonemes(http: httpx2.Client, text: str, **fields: Any) -> list[str]:
    response = http.post("/v1/audio/speech", json={"input": text, "stream_format": "sse", **fields})
    events = [json.loads(line.removeprefix("data: ")) for line in response.text.splitlines() if line]
    return [each["phoneme"] for event in events for each in event.get("phonemes", ())]


@pytest.fixture
def gif(http: httpx2.Client) -> Iterator[None]:
    """Stores a word with a reading that no engine would guess."""
    assert http.put("/v1/lexicon/GIF", json={"ipa": "bɑmu"}).status_code == 200
    yield
    assert http.delete("/v1/lexicon/GIF").status_code == 200


def test_a_word_of_the_lexicon_is_said_as_it_says(http: httpx2.Client, gif: None):
    assert phonemes(http, "One gif.")[-4:] == ["b", "ɑ", "m", "u"]


def test_only_the_scene_with_the_word_is_made_anew(api: Api, portrait: str, http: httpx2.Client):
    scenes = [{"script": "This is about a widget."}, {"script": "This is about nothing."}]
    api.make(scenes=scenes, image=portrait, size="256x256")
    http.put("/v1/lexicon/widget", json={"respelling": "thingamajig"})
    again = api.make(scenes=scenes, image=portrait, size="256x256")
    http.delete("/v1/lexicon/widget")
    made = [each["name"] for each in again["stages"] if each["cache"] == "miss"]
    assert made == ["scene-0/tts", "scene-0/video", "mux"]


def test_a_wrong_reading_is_refused_with_the_reason(http: httpx2.Client):
    response = http.put("/v1/lexicon/GIF", json={"ipa": "123"})
    assert response.status_code == 422
    assert "no sign of the IPA" in response.json()["error"]["message"]


def test_an_emotion_is_heard(http: httpx2.Client):
    plain, angry = say(http, "This is the message."), say(http, "This is the message.", emotion="angry")
    assert not np.array_equal(plain, angry[: len(plain)])
    assert np.array_equal(say(http, "[angry] This is the message."), angry)


def test_marks_of_markdown_are_read_from_plain_text_alone(http: httpx2.Client):
    bare, marked = say(http, "Hello there."), "# **Hello** there."
    assert np.array_equal(say(http, marked), bare)
    assert len(say(http, marked, markup="plain")) > len(bare)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ({"script": "Hello. [dancing] Hello."}, "[dancing]"),
        ({"script": "<speak>Hello.", "ssml": True}, "SSML, line 1"),
    ],
)
def test_what_a_script_cannot_mean_is_refused_before_any_work(
    http: httpx2.Client, portrait: str, script: dict[str, Any], told: str
):
    body = {"scenes": [{"script": "Hello."}, script], "image": portrait}
    error = http.post("/v1/videos", json=body).json()["error"]
    assert (error["code"], error["param"]) == ("script_invalid", "scenes.1.script")
    assert told in error["message"]


def test_effects_change_speech_and_its_times(http: httpx2.Client):
    text = "She sells sea shells by the sea shore."
    plain, slow = say(http, text), say(http, text, effects=["giant"])
    assert len(slow) > 1.1 * len(plain)
    step = {"effect": "tempo", "amounts": {"factor": 2}}
    assert len(say(http, text, effects=[step])) == pytest.approx(len(plain) / 2, rel=0.05)


def test_a_stored_effect_reaches_the_video(api: Api, http: httpx2.Client, portrait: str):
    script = "Nine brave men went over the mountain."
    effect = {"name": "half-speed", "steps": [{"effect": "tempo", "amounts": {"factor": 0.5}}]}
    assert http.post("/v1/effects", json=effect).status_code == 201
    plain = api.make(script=script, image=portrait, size="256x256")
    slow = api.make(script=script, image=portrait, size="256x256", effects=["half-speed"])
    assert http.delete("/v1/effects/half-speed").status_code == 200
    assert [each["name"] for each in slow["stages"]][1] == "scene-0/effects"
    assert float(slow["seconds"]) == pytest.approx(2 * float(plain["seconds"]), rel=0.1)


def test_a_recording_is_aligned_with_its_transcript(api: Api, portrait: str, reader: str):
    video = api.make(audio=reader, transcript="Nobody said this.", image=portrait, size="256x256")
    assert [each["name"] for each in video["stages"]] == ["scene-0/align", "scene-0/video", "mux"]
    assert stage(video, "voice")["engine"] == "sphinx"
