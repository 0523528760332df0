from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from services.cli.errors import UsageError
from services.cli.refusal import option_for
from services.cli.render_request import VIDEO_OPTIONS, RenderRequest, check_request, file_for, video_body
from services.gateway.videos.requests import VideoRequest

POINTS = {
    name: [1, 2]
    for name in ("left_eye", "right_eye", "mouth_left", "mouth_right", "upper_lip", "lower_lip", "chin")
}


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    path = tmp_path / "portrait.jpg"
    path.write_bytes(b"jpeg")
    return path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"script": "hello", "image": None}, "--image"),
        ({}, "--script, --script-file, --audio or --prompt"),
        ({"script": "hello", "transcript": "hello"}, "give --audio too"),
        ({"script": "  \n"}, "script is empty"),
        ({"script": "hello", "audio": Path("speech.wav")}, "either a script or --audio"),
        ({"script": "hello", "size": "large"}, "WIDTHxHEIGHT"),
        ({"script": "hello", "strength": 0.5}, "--reference"),
        ({"script": "hello", "avatar": "avatar_1"}, "--avatar brings its portrait"),
        ({"script": "hello", "reference": Path("absent.wav")}, "no file absent.wav to use as --reference"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    portrait: Path, options: dict[str, Any], message: str
) -> None:
    request = replace(RenderRequest(image=portrait), **options)
    with pytest.raises(UsageError, match=message):
        check_request(request)


@pytest.mark.parametrize("background", ["blur", "#20a0ff"])
def test_only_a_background_that_is_a_file_is_uploaded(portrait: Path, background: str) -> None:
    assert set(RenderRequest(image=portrait, background=background).files) == {"image"}
    assert RenderRequest(image=portrait, background="wall.png").files["background"] == Path("wall.png")


def test_a_script_and_a_portrait_are_accepted(portrait: Path) -> None:
    check_request(RenderRequest(script="hello", image=portrait))


@pytest.mark.parametrize(
    ("request_", "assets", "expected"),
    [
        (
            RenderRequest(script="hello"),
            {"image": "asset_1"},
            {"script": "hello", "image": "asset_1"},
        ),
        (
            RenderRequest(script="hello", pitch=-2.0, formant=0.9, fps=30, engine="puppet", voice="en-us"),
            {"image": "asset_1", "reference": "asset_2"},
            {
                "script": "hello",
                "image": "asset_1",
                "voice": "en-us",
                "model": "puppet",
                "conversion": {"reference": "asset_2", "pitch_semitones": -2.0, "formant_scale": 0.9},
                "output": {"fps": 30},
            },
        ),
        (
            RenderRequest(size="512x600", seconds=4),
            {"image": "asset_1", "audio": "asset_3"},
            {"image": "asset_1", "audio": "asset_3", "size": "512x600", "seconds": 4},
        ),
        (
            RenderRequest(prompt="nod", seconds=3, face=0, fit="pad", background="wall.png"),
            {"image": "asset_1", "background": "asset_2"},
            {
                "prompt": "nod",
                "seconds": 3,
                "avatar": {"image": "asset_1", "face": {"index": 0}},
                "output": {"fit": "pad", "background": "asset_2"},
            },
        ),
        (
            RenderRequest(script="hi", background="#20a0ff", video_format="mp4"),
            {"image": "asset_1"},
            {
                "script": "hi",
                "image": "asset_1",
                "output": {"background": "#20a0ff", "format": "mp4"},
            },
        ),
        (
            RenderRequest(
                script="hi", emotion="happy", effects=("radio", "cave"), ssml=True, landmarks=POINTS
            ),
            {"image": "asset_1"},
            {
                "script": "hi",
                "ssml": True,
                "emotion": "happy",
                "avatar": {"image": "asset_1", "landmarks": POINTS},
                "effects": ["radio", "cave"],
            },
        ),
        (
            RenderRequest(script="hi", avatar="avatar_1", metadata={"campaign": "spring"}),
            {},
            {"script": "hi", "avatar": "avatar_1", "metadata": {"campaign": "spring"}},
        ),
        (
            RenderRequest(transcript="hi", language="de", prompt="nod"),
            {"image": "asset_1", "audio": "asset_3"},
            {
                "image": "asset_1",
                "audio": "asset_3",
                "transcript": "hi",
                "language": "de",
                "prompt": "nod",
            },
        ),
    ],
)
def test_the_body_holds_the_given_options_and_is_valid_for_the_gateway(
    request_: RenderRequest, assets: dict[str, str], expected: dict[str, Any]
) -> None:
    body = video_body(request_, assets)

    assert body == expected
    VideoRequest.model_validate(body)


@pytest.mark.parametrize(
    ("out", "video_format"),
    [
        ("out.mp4", None),
        ("OUT.MP4", "mp4"),
        ("a.b.mov", "prores4444"),
        ("out.webm", "vp9-alpha"),
        ("-", None),
        ("-", "vp9-alpha"),
    ],
)
def test_a_name_that_ends_as_its_format_is_accepted(out: str, video_format: str | None) -> None:
    assert file_for(Path(out), video_format) == Path(out)


@pytest.mark.parametrize(
    ("video_format", "file"),
    [(None, "out.mp4"), ("mp4", "out.mp4"), ("prores4444", "out.mov"), ("vp9-alpha", "out.webm")],
)
def test_the_default_file_ends_as_the_format_does(video_format: str | None, file: str) -> None:
    assert file_for(None, video_format) == Path(file)


def test_an_unknown_format_is_refused_without_a_name() -> None:
    with pytest.raises(UsageError, match="--format avi: there is no such format"):
        file_for(None, "avi")


def test_every_field_of_a_request_has_an_option() -> None:
    request = RenderRequest(
        script="a",
        transcript="a",
        language="de",
        voice="a",
        speed=1,
        pitch=1,
        formant=1,
        emotion="sad",
        effects=("radio",),
        ssml=True,
        prompt="nod",
        face=1,
        fit="pad",
        background="blur",
        video_format="mp4",
        strength=1,
        size="256x256",
        fps=25,
        seconds=1,
        engine="puppet",
        metadata={"a": "b"},
    )
    body = video_body(request, {"image": "asset_1", "audio": "asset_2", "reference": "asset_3"})
    assert [path for path in paths_in(body) if option_for(path, VIDEO_OPTIONS) is None] == []


def paths_in(part: Mapping[str, Any], before: str = "") -> list[str]:
    found: list[str] = []
    for name, value in part.items():
        is_object = isinstance(value, Mapping)
        found += paths_in(cast(Any, value), f"{before}{name}.") if is_object else [f"{before}{name}"]
    return found
