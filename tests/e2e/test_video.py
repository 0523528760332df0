"""The main job: what comes out is a talking video."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pyloudnorm
import pytest

from benchmarks.mp4 import read_sound
from benchmarks.recogniser import WordRecogniser, word_errors, words_of
from tests.e2e.api import Api
from tests.examples import CAT, CAT_POINTS, PORTRAIT

SCRIPT = (
    "Someone wrote these words, and this is what came out. "
    "I am an old photograph that has been taught to speak."
)


def durations(path: Path) -> dict[str, tuple[str, float]]:
    with av.open(str(path)) as container:
        return {
            stream.type: (stream.codec_context.name, float((stream.duration or 0) * (stream.time_base or 0)))
            for stream in container.streams
        }


@pytest.fixture(scope="module")
def spoken(api: Api, portrait: str) -> dict[str, Any]:
    return api.make(script=SCRIPT, image=portrait, size="384x448")


@pytest.fixture(scope="module")
def mp4(api: Api, spoken: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return api.download(spoken["id"], tmp_path_factory.mktemp("video") / "video.mp4")


def test_it_is_h264_and_aac_of_one_length(mp4: Path, spoken: dict[str, Any]):
    streams = durations(mp4)
    assert (streams["video"][0], streams["audio"][0]) == ("h264", "aac")
    assert streams["video"][1] == pytest.approx(streams["audio"][1], abs=0.1)
    assert streams["video"][1] == pytest.approx(float(spoken["seconds"]), abs=0.1)


def test_it_starts_to_play_before_it_has_arrived(mp4: Path):
    data = mp4.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_it_is_as_loud_as_promised(mp4: Path):
    samples, rate = read_sound(mp4)
    both = np.column_stack([samples, samples])  # of the file's two equal channels
    loudness: float = pyloudnorm.Meter(rate).integrated_loudness(both)  # pyright: ignore[reportUnknownMemberType] - it has no types
    assert loudness == pytest.approx(-16, abs=1)


def test_most_words_are_recognised(mp4: Path):
    samples, rate = read_sound(mp4)
    reference = words_of(SCRIPT)
    assert word_errors(reference, WordRecogniser().hear(samples, rate)) < 0.5 * len(reference)


def test_every_stage_ran_on_its_own_service(spoken: dict[str, Any]):
    services = [(stage["service"], stage["state"], stage["attempt"]) for stage in spoken["stages"]]
    assert services == [(name, "completed", 1) for name in ("tts", "video", "mux")]
    assert len({stage["worker"] for stage in spoken["stages"]}) == 3


def test_every_stage_says_what_it_has_measured(spoken: dict[str, Any]):
    measured = {
        stage["service"]: {each["name"]: each for each in stage["checks"]} for stage in spoken["stages"]
    }
    assert {"clipping", "inner_silence", "speaking_rate", "loudness"} <= set(measured["tts"])
    assert {"frozen", "black", "blurred", "seam", "identity", "mouth_correlation"} <= set(measured["video"])
    assert abs(measured["video"]["mouth_offset"]["value"]) <= 40
    assert spoken["warnings"] == []


def test_the_same_request_runs_no_stage_again(api: Api, portrait: str, spoken: dict[str, Any]):
    again = api.make(script=SCRIPT, image=portrait, size="384x448")
    assert [stage["cache"] for stage in again["stages"]] == ["hit", "hit", "hit"]
    assert again["seconds"] == spoken["seconds"]
    assert [stage["checks"] for stage in again["stages"]] == [stage["checks"] for stage in spoken["stages"]]


def test_of_ten_scenes_only_the_changed_one_is_rendered(api: Api, portrait: str):
    scenes = [{"script": f"This is scene number {number}."} for number in range(10)]
    first = api.make(scenes=scenes, image=portrait, size="256x256")
    assert all(stage["cache"] == "miss" for stage in first["stages"])
    scenes[4] = {"script": "This one is another."}
    second = api.make(scenes=scenes, image=portrait, size="256x256")
    ran = [stage["name"] for stage in second["stages"] if stage["cache"] == "miss"]
    assert ran == ["scene-4/tts", "scene-4/video", "mux"]
    assert second["seconds_saved"] > 0
    again = api.create(scenes=scenes, image=portrait, size="256x256")
    assert again["status"] == "completed"
    assert {stage["cache"] for stage in again["stages"]} == {"hit"}


def test_a_voice_moves_towards_the_reference(api: Api, portrait: str, reader: str, tmp_path: Path):
    video = api.make(
        script=SCRIPT, image=portrait, size="256x256", conversion={"reference": reader, "strength": 1}
    )
    assert [stage["service"] for stage in video["stages"]] == ["tts", "voice", "video", "mux"]
    samples, rate = read_sound(api.download(video["id"], tmp_path / "audio.m4a", "audio"))
    assert np.abs(samples).max() > 0.05
    assert len(samples) / rate == pytest.approx(float(video["seconds"]), abs=0.1)


def test_a_recording_speaks(api: Api, portrait: str, reader: str, tmp_path: Path):
    video = api.make(audio=reader, image=portrait, size="256x256")
    assert [stage["service"] for stage in video["stages"]] == ["voice", "video", "mux"]
    assert float(video["seconds"]) == pytest.approx(7.1, abs=0.2)
    samples, rate = read_sound(api.download(video["id"], tmp_path / "video.mp4"))
    heard = WordRecogniser().hear(samples, rate)
    assert {"john", "leisure", "consider"} <= set(heard)


def test_a_recording_speaks_in_another_voice(api: Api, portrait: str, reader: str):
    video = api.make(audio=reader, image=portrait, size="256x256", conversion={"pitch_semitones": 4})
    names = [stage["name"] for stage in video["stages"]]
    assert names == ["scene-0/align", "scene-0/voice", "scene-0/video", "mux"]
    assert float(video["seconds"]) == pytest.approx(7.1, abs=0.2)


def test_landmarks_make_a_cat_talk(api: Api):
    video = api.make(script="Meow.", avatar={"image": api.upload(CAT), "landmarks": CAT_POINTS})
    assert video["size"] in ("450x300", "452x300")


def test_a_presigned_upload_becomes_an_asset(api: Api):
    picture = PORTRAIT.read_bytes()
    offer = api.http.post("/v1/assets/uploads", json={"filename": "p.jpg", "bytes": len(picture)}).json()
    early = api.http.post(f"/v1/assets/uploads/{offer['id']}/complete")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "upload_missing")
    sent = api.http.put(offer["url"], content=picture, headers={**offer["headers"], "Authorization": ""})
    assert sent.status_code == 200, sent.text
    asset = api.http.post(f"/v1/assets/uploads/{offer['id']}/complete").json()
    assert (asset["kind"], asset["width"], asset["height"], asset["bytes"]) == (
        "image",
        512,
        600,
        len(picture),
    )
