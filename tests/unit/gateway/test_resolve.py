"""Requests that cannot be met, each with its code and the field that is wrong."""

from dataclasses import replace
from typing import Any

import pytest

from services.chassis.errors import EngineUnavailable
from services.gateway.assets.media import ProbedMedia
from services.gateway.assets.repository import Asset
from services.gateway.engines.catalogue import Catalogue
from services.gateway.errors import ApiError
from services.gateway.settings import GatewaySettings
from services.gateway.videos.resolve import Resolver, asset_ids, scripts_of
from services.gateway.videos.schemas import VideoRequest
from services.gateway.videos.spec import AlignmentSpec, ScriptSpec, VideoSpec
from tests.unit.gateway.jobs import ALIGNER, MUX, NOW, SILENT_VIDEO, TTS, VIDEO, VOICE, build_artifact

SETTINGS = GatewaySettings(
    bus_url="nats://unused",  # pyright: ignore[reportArgumentType]
    s3_endpoint="unused",
    s3_access_key="unused",
    s3_secret_key="unused",  # pyright: ignore[reportArgumentType]
    database_url="unused",  # pyright: ignore[reportArgumentType]
    tts_grpc_target="unused",
    voice_grpc_target="unused",
    video_grpc_target="unused",
    max_scenes=3,
    max_script_characters=2000,
)
MEDIA = {
    "face": ProbedMedia("image", "image/png", 513, 601),
    "large": ProbedMedia("image", "image/png", 4000, 2000),
    "voice": ProbedMedia("audio", "audio/wav", duration_seconds=3.0),
    "film": ProbedMedia("video", "video/mp4", 64, 48, 3.0),
}
ASSETS = {
    name: Asset(name, "default", name, build_artifact(name), media, NOW) for name, media in MEDIA.items()
}


def resolve(**fields: Any) -> VideoSpec:
    catalogue = Catalogue()
    catalogue.learn((TTS, VOICE, ALIGNER, VIDEO, SILENT_VIDEO, MUX))
    return Resolver(VideoRequest.model_validate(fields), ASSETS, catalogue, SETTINGS).resolve()


GOOD = {"script": "Hello.", "image": "face"}
SCENE = {"scenes": [{"script": "One."}, {"script": "Two."}], "image": "face"}
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"script": "Hello."}, "image_missing", "image"),
    ({"image": "face"}, "script_missing", "script"),
    (GOOD | {"script": ""}, "script_empty", "script"),
    (GOOD | {"script": " \n"}, "script_empty", "script"),
    (GOOD | {"script": "x" * 1001}, "script_too_long", "script"),
    (GOOD | {"prompt": "x" * 2001}, "prompt_too_long", "prompt"),
    (GOOD | {"audio": "voice"}, "two_speeches", "script"),
    (GOOD | {"image": "gone"}, "asset_not_found", "image"),
    (GOOD | {"image": "voice"}, "asset_wrong_kind", "image"),
    (GOOD | {"avatar": {"image": "film"}}, "asset_wrong_kind", "image"),
    ({"audio": "gone", "image": "face"}, "asset_not_found", "audio"),
    ({"audio": "film", "image": "face"}, "asset_wrong_kind", "audio"),
    (GOOD | {"voice": "xx"}, "voice_unknown", "voice"),
    (GOOD | {"voice": "nobody:en-us"}, "engine_unknown", "voice"),
    (GOOD | {"model": "sora"}, "engine_unknown", "model"),
    (GOOD | {"conversion": {"engine": "rvc"}}, "engine_unknown", "conversion.engine"),
    (GOOD | {"conversion": {"reference": "gone"}}, "asset_not_found", "conversion.reference"),
    (GOOD | {"conversion": {"reference": "face"}}, "asset_wrong_kind", "conversion.reference"),
    (SCENE | {"scenes": [{"script": "x"}] * 4}, "too_many_scenes", "scenes"),
    (SCENE | {"scenes": [{"script": "x"}, {"voice": "de"}]}, "script_missing", "scenes.1.script"),
    (
        SCENE | {"scenes": [{"script": "x"}, {"script": "x", "image": "gone"}]},
        "asset_not_found",
        "scenes.1.image",
    ),
    ({"scenes": [{"script": "x", "image": "face"}, {"script": "x"}]}, "image_missing", "scenes.1.image"),
    (SCENE | {"scenes": [{"script": "x", "voice": "xx"}]}, "voice_unknown", "scenes.0.voice"),
]


@pytest.mark.parametrize(("fields", "code", "param"), BAD, ids=[f"{code}-{param}" for _, code, param in BAD])
def test_what_cannot_be_is_refused_with_the_field_that_is_wrong(
    fields: dict[str, Any], code: str, param: str
):
    with pytest.raises(ApiError) as refused:
        resolve(**fields)
    assert (refused.value.status, refused.value.code, refused.value.param) == (422, code, param)
    assert refused.value.message.endswith(".")


def test_an_installation_without_a_mux_cannot_make_a_video_yet():
    catalogue = Catalogue()
    catalogue.learn((TTS, VIDEO))
    with pytest.raises(EngineUnavailable):
        Resolver(VideoRequest.model_validate(GOOD), ASSETS, catalogue, SETTINGS).resolve()


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({}, (512, 600)),
        ({"size": "640x360"}, (640, 360)),
        ({"image": "large"}, (1280, 640)),
        ({"avatar": {"image": "large"}}, (1280, 640)),
    ],
)
def test_the_size_is_that_of_the_portrait_unless_given(fields: dict[str, Any], size: tuple[int, int]):
    output = resolve(**GOOD | fields).output
    assert (output.width, output.height) == size


def test_a_scene_has_the_video_s_own_fields_where_it_gives_none():
    spec = resolve(
        image="face",
        voice="de",
        speed=1.5,
        ssml=True,
        scenes=[{"script": "One."}, {"script": "Two.", "voice": "en-us", "image": "large", "ssml": False}],
    )
    first, second = spec.scenes
    assert first.speech == ScriptSpec("One.", TTS, "de", 1.5, 0.0, True)
    assert second.speech == ScriptSpec("Two.", TTS, "en-us", 1.5, 0.0, False)
    assert (first.portrait, second.portrait) == (build_artifact("face"), build_artifact("large"))


def test_the_prompt_is_said_if_there_is_nothing_else():
    (scene,) = resolve(image="face", prompt="Hello.").scenes
    assert isinstance(scene.speech, ScriptSpec)
    assert (scene.speech.text, scene.prompt) == ("Hello.", "Hello.")


def test_a_recording_speaks_for_itself():
    (scene,) = resolve(image="face", audio="voice", prompt="Slowly.").scenes
    assert (scene.speech, scene.prompt) == (build_artifact("voice"), "Slowly.")
    assert scene.alignment == AlignmentSpec(ALIGNER)


def test_a_recording_that_drives_no_lips_is_not_aligned():
    (scene,) = resolve(image="face", audio="voice", model="wan").scenes
    assert scene.alignment is None


def test_a_script_needs_no_alignment():
    assert resolve(**GOOD).scenes[0].alignment is None


def test_every_asset_that_is_named_is_looked_for():
    request = VideoRequest.model_validate(
        {
            "image": "a",
            "conversion": {"reference": "b"},
            "scenes": [{"avatar": {"image": "c"}}, {"audio": "d", "image": "e"}],
            "input_reference": {"file_id": "f"},
        }
    )
    assert asset_ids(request) == set("abcdef")


def test_what_is_said_leaves_out_recordings():
    scenes = [{"script": "One."}, {"audio": "voice"}, {"prompt": "Three."}]
    assert list(scripts_of(VideoRequest.model_validate({"scenes": scenes}))) == ["One.", "Three."]


def test_the_engine_s_own_limit_counts_where_it_is_the_lower_one():
    wordy = replace(TTS, limits=replace(TTS.limits, max_characters=0))
    catalogue = Catalogue()
    catalogue.learn((wordy, VIDEO, MUX))
    request = VideoRequest.model_validate(GOOD | {"script": "x" * 2000})
    assert Resolver(request, ASSETS, catalogue, SETTINGS).resolve()
    longer = VideoRequest.model_validate(GOOD | {"script": "x" * 2001})
    with pytest.raises(ApiError, match="the limit is 2000"):
        Resolver(longer, ASSETS, catalogue, SETTINGS).resolve()
