"""Pictures of videos: sizes, backgrounds, overlays, choice of faces, and videos without speech."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.e2e.api import Api, stage
from tests.examples import CAT, CAT_POINTS


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def test_a_still_moves_as_its_prompt_says_without_a_word(api: Api, portrait: str, tmp_path: Path):
    video = api.make(prompt="pan left", seconds=2, image=portrait, size="256x256")
    assert [each["service"] for each in video["stages"]] == ["video", "mux"]
    assert (video["prompt"], float(video["seconds"])) == ("pan left", 2)
    assert not [each for each in video["warnings"] if each["code"] == "prompt_words_unknown"]
    frames = frames_of(api.download(video["id"], tmp_path / "video.mp4"))
    assert np.abs(frames[-1][:, :40].astype(int) - frames[0][:, :40]).mean() > 10


@pytest.mark.parametrize(
    ("video_format", "suffix", "media_type"),
    [("prores4444", ".mov", "video/quicktime"), ("vp9-alpha", ".webm", "video/webm")],
)
def test_an_overlay_has_the_name_and_the_kind_of_its_format(
    api: Api, portrait: str, video_format: str, suffix: str, media_type: str
):
    video = api.make(
        script="Hello.", image=portrait, size="256x256", output={"format": video_format, "fps": 24}
    )
    content = api.http.get(f"/v1/videos/{video['id']}/content", follow_redirects=True).raise_for_status()
    assert content.headers["content-type"] == media_type
    assert f"{video['id']}{suffix}" in content.headers["content-disposition"]


def test_a_background_image_is_seen_beside_a_padded_portrait(api: Api, portrait: str, tmp_path: Path):
    cat = api.upload(CAT)
    request: dict[str, Any] = {"script": "Hello.", "image": portrait, "size": "640x320"}
    video = api.make(**request, output={"fit": "pad", "background": cat, "fps": 30})
    frame = frames_of(api.download(video["id"], tmp_path / "video.mp4"))[0]
    assert frame.shape == (320, 640, 3)
    beside = frame[:, :120].mean(axis=(0, 1))
    assert beside[2] > beside[0] + 15, "the cat is ginger"


def test_a_face_that_is_not_there_is_refused_with_those_that_are(api: Api, portrait: str):
    request = {"script": "Hello.", "avatar": {"image": portrait, "face": {"index": 3}}}
    refused = api.http.post("/v1/videos", json=request)
    assert refused.status_code == 422
    assert "Found, as index: [left, top, width, height], are 0: [" in refused.json()["error"]["message"]


def test_the_choice_of_a_face_and_two_eyes_and_a_mouth_are_enough(api: Api, portrait: str):
    chosen = {"image": portrait, "face": {"box": [180, 120, 170, 220]}}
    points = {name: CAT_POINTS[name] for name in ("left_eye", "right_eye", "mouth_left", "mouth_right")}
    cat = {"image": api.upload(CAT), "landmarks": points}
    video = api.make(size="256x256", scenes=[{"script": "Hi.", "avatar": each} for each in (chosen, cat)])
    assert stage(video, "video")["state"] == "completed"
