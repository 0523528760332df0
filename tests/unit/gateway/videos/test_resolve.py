"""Resolution of requests for videos: specs, and refusals with their code and field."""

from dataclasses import replace
from typing import Any

import pytest

from services.chassis.engine_api.effects import EffectStep
from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import EngineUnavailable
from services.gateway.assets.media import ProbedMedia
from services.gateway.assets.repository import Asset
from services.gateway.avatars.schemas import Avatar
from services.gateway.engines.catalogue import Catalogue
from services.gateway.http.errors import ApiError
from services.gateway.intake.references import References
from services.gateway.lexicon.pronunciation import Pronunciation
from services.gateway.settings import GatewaySettings
from services.gateway.speech.spec import AlignmentSpec, ScriptSpec
from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.resolve import Resolver
from services.gateway.videos.spec import VideoSpec
from tests.unit.gateway.jobs.job_examples import (
    ALIGNER,
    EFFECTS,
    MUX,
    NOW,
    SILENT_VIDEO,
    TTS,
    UP,
    VIDEO,
    VOICE,
    build_artifact,
)

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

LEXICON = (Pronunciation("GIF", NOW, ipa="dʒɪf"), Pronunciation("New York", NOW, respelling="noo york"))
USUAL_ECHO = EffectStep("echo", {"delay_seconds": 0.2, "gain_db": -6.0})
SECOND = Avatar.model_validate({"image": "large", "face": {"index": 1}})
SAID = "A gif from new\nYork."
REFERENCES = References(ASSETS, {"cave": (EffectStep("echo", {}),)}, {SAID: LEXICON}, {"avatar_2": SECOND})


CATALOGUE = Catalogue()
CATALOGUE.learn((TTS, VOICE, EFFECTS, ALIGNER, VIDEO, SILENT_VIDEO, MUX))


def resolve(**fields: Any) -> VideoSpec:
    return Resolver(VideoRequest.model_validate(fields), REFERENCES, CATALOGUE, SETTINGS).resolve()


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
    ({"script": "Hello.", "avatar": "avatar_3"}, "avatar_not_found", "avatar"),
    (SCENE | {"scenes": [{"script": "x", "avatar": "avatar_3"}]}, "avatar_not_found", "scenes.0.avatar"),
    (GOOD | {"output": {"background": "gone"}}, "asset_not_found", "output.background"),
    (GOOD | {"output": {"background": "voice"}}, "asset_wrong_kind", "output.background"),
    ({"image": "face", "seconds": 3}, "script_missing", "script"),
    (GOOD | {"image": "voice"}, "asset_wrong_kind", "image"),
    ({"script": "Hello.", "avatar": {"image": "film"}}, "asset_wrong_kind", "avatar"),
    ({"avatar": {"image": "gone"}, "scenes": [{"script": "x"}]}, "asset_not_found", "avatar"),
    (
        SCENE | {"scenes": [{"script": "x", "avatar": {"image": "film"}}]},
        "asset_wrong_kind",
        "scenes.0.avatar",
    ),
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
    (GOOD | {"effects": ["nothing"]}, "effect_unknown", "effects"),
    (GOOD | {"effects": [{"effect": "wobble"}]}, "effect_invalid", "effects"),
    (GOOD | {"effects": [{"effect": "pitch", "amounts": {"semitones": 13}}]}, "effect_invalid", "effects"),
    (SCENE | {"scenes": [{"script": "x", "effects": ["no"]}]}, "effect_unknown", "scenes.0.effects"),
    (GOOD | {"transcript": "Hello."}, "audio_missing", "transcript"),
    (GOOD | {"language": "de"}, "audio_missing", "language"),
    ({"audio": "voice", "image": "face", "transcript": "x" * 2001}, "transcript_too_long", "transcript"),
]


@pytest.mark.parametrize(("fields", "code", "param"), BAD, ids=[f"{code}-{param}" for _, code, param in BAD])
def test_invalid_requests_are_refused_with_their_field(fields: dict[str, Any], code: str, param: str):
    with pytest.raises(ApiError) as refused:
        resolve(**fields)
    assert (refused.value.status, refused.value.code, refused.value.param) == (422, code, param)
    assert refused.value.message.endswith(".")


def test_a_video_is_refused_while_there_is_no_mux_engine():
    catalogue = Catalogue()
    catalogue.learn((TTS, VIDEO))
    with pytest.raises(EngineUnavailable):
        Resolver(VideoRequest.model_validate(GOOD), REFERENCES, catalogue, SETTINGS).resolve()


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({}, (512, 600)),
        ({"size": "640x360"}, (640, 360)),
        ({"image": "large"}, (1280, 640)),
        ({"image": None, "avatar": {"image": "large"}}, (1280, 640)),
    ],
)
def test_the_size_is_that_of_the_portrait_unless_given(fields: dict[str, Any], size: tuple[int, int]):
    output = resolve(**GOOD | fields).output
    assert (output.width, output.height) == size


def test_a_scene_takes_the_fields_that_it_leaves_out_from_the_video():
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


def test_the_prompt_is_spoken_without_script_audio_and_seconds():
    (scene,) = resolve(image="face", prompt="Hello.").scenes
    assert isinstance(scene.speech, ScriptSpec)
    assert (scene.speech.text, scene.prompt) == ("Hello.", "")


def test_an_engine_without_audio_gets_a_spoken_prompt_too():
    (scene,) = resolve(image="face", prompt="A storm.", model="wan").scenes
    assert isinstance(scene.speech, ScriptSpec)
    assert (scene.speech.text, scene.prompt) == ("A storm.", "A storm.")


def test_a_prompt_with_seconds_is_acted_without_speech():
    spec = resolve(
        image="face",
        conversion={"pitch_semitones": 4},
        scenes=[{"script": "One.", "prompt": "nod"}, {"prompt": "zoom in", "seconds": 3}],
    )
    spoken, silent = spec.scenes
    assert isinstance(spoken.speech, ScriptSpec) and spoken.conversion and spoken.prompt == "nod"
    assert (silent.speech, silent.conversion, silent.prompt) == (None, None, "zoom in")
    assert silent.min_seconds == 3


def test_a_stored_avatar_is_replaced_by_its_image_and_face():
    spec = resolve(script="Hello.", avatar="avatar_2")
    assert (spec.scenes[0].portrait, spec.scenes[0].face) == (build_artifact("large"), {"index": 1})
    assert (spec.output.width, spec.output.height) == (1280, 640)
    assert VideoRequest.model_validate({"script": "x", "avatar": "avatar_2"}).reference_names().avatars == {
        "avatar_2"
    }


def test_face_landmarks_and_background_are_part_of_the_spec():
    spec = resolve(
        script="Hello.",
        avatar={"image": "face", "face": {"box": [1, 2, 30, 40]}},
        output={"fit": "pad", "background": "large", "fps": 60},
    )
    assert spec.scenes[0].face == {"box": {"left": 1, "top": 2, "width": 30, "height": 40}}
    assert (spec.output.fit, spec.output.background) == ("pad", build_artifact("large"))
    assert resolve(**GOOD, output={"background": "#20a0ff"}).output.background == "#20a0ff"
    few = {"left_eye": (1, 1), "right_eye": (9, 1), "mouth_left": (3, 6), "mouth_right": (7, 6)}
    (scene,) = resolve(script="Hello.", avatar={"image": "face", "landmarks": few}).scenes
    assert scene.landmarks == few


def test_a_recording_is_the_speech_of_its_scene():
    (scene,) = resolve(image="face", audio="voice", prompt="Slowly.").scenes
    assert (scene.speech, scene.prompt) == (build_artifact("voice"), "Slowly.")
    assert scene.alignment == AlignmentSpec(ALIGNER)


def test_a_recording_is_not_aligned_for_an_engine_without_audio():
    (scene,) = resolve(image="face", audio="voice", model="wan").scenes
    assert scene.alignment is None


def test_a_script_has_no_alignment():
    assert resolve(**GOOD).scenes[0].alignment is None


def test_a_script_has_the_words_of_the_lexicon_that_occur_in_it():
    (scene,) = resolve(image="face", script=SAID).scenes
    assert isinstance(scene.speech, ScriptSpec)
    assert scene.speech.lexicon == LEXICON
    (plain,) = resolve(image="face", script="Gifted New Yorkers.").scenes
    assert isinstance(plain.speech, ScriptSpec)
    assert plain.speech.lexicon == ()


def test_named_effects_become_steps_with_all_amounts():
    named = resolve(image="face", script="Hi.", effects=["chipmunk", "cave"])
    spelled = resolve(
        image="face",
        script="Hi.",
        effects=[{"effect": "pitch", "amounts": {"semitones": 6}}, {"effect": "echo"}],
    )
    assert named == spelled
    (scene,) = named.scenes
    assert scene.effects is not None
    assert (scene.effects.engine.name, scene.effects.steps) == ("effects", (UP, USUAL_ECHO))


def test_scenes_take_effects_and_emotion_from_the_video():
    spec = resolve(
        image="face",
        emotion="happy",
        effects=["cave"],
        scenes=[{"script": "One."}, {"script": "Two.", "emotion": "sad", "effects": ["chipmunk"]}],
    )
    said = [scene.speech.emotion for scene in spec.scenes if isinstance(scene.speech, ScriptSpec)]
    assert said == [scene.emotion for scene in spec.scenes] == [Emotion.HAPPY, Emotion.SAD]
    assert [scene.effects and scene.effects.steps for scene in spec.scenes] == [(USUAL_ECHO,), (UP,)]


def test_a_recording_is_aligned_with_its_transcript_and_language():
    known = resolve(image="face", audio="voice", transcript=" Guten Tag. ", language="de")
    assert known.scenes[0].alignment == AlignmentSpec(ALIGNER, "Guten Tag.", "de")
    unknown = resolve(image="face", audio="voice")
    assert unknown.scenes[0].alignment == AlignmentSpec(ALIGNER)
    unseen = resolve(image="face", audio="voice", model="wan")
    assert unseen.scenes[0].alignment is None


def test_recordings_take_the_language_from_the_video():
    scenes = [{"audio": "voice"}, {"audio": "voice", "language": "fr"}, {"script": "Hello."}]
    spec = resolve(image="face", language="de", scenes=scenes)
    assert [scene.alignment and scene.alignment.language for scene in spec.scenes] == ["de", "fr", None]


def test_the_names_of_all_effects_are_references():
    scenes = [{"effects": ["b", {"effect": "pitch"}]}, {"effects": None}]
    request = VideoRequest.model_validate({"effects": ["a"], "scenes": scenes})
    assert request.reference_names().effects == {"a", "b"}


def test_the_ids_of_all_assets_are_references():
    request = VideoRequest.model_validate(
        {
            "image": "a",
            "conversion": {"reference": "b"},
            "scenes": [{"avatar": {"image": "c"}}, {"audio": "d", "image": "e"}],
        }
    )
    assert request.asset_ids() == set("abcde")
    assert VideoRequest.model_validate({"input_reference": {"file_id": "f"}}).asset_ids() == {"f"}


def test_texts_leave_out_recordings():
    scenes = [{"script": "One."}, {"audio": "voice"}, {"prompt": "Three."}]
    assert VideoRequest.model_validate({"scenes": scenes}).reference_names().scripts == ("One.", "Three.")


def test_the_lower_limit_of_engine_and_settings_counts():
    wordy = replace(TTS, limits=replace(TTS.limits, max_characters=0))
    catalogue = Catalogue()
    catalogue.learn((wordy, VIDEO, MUX))
    request = VideoRequest.model_validate(GOOD | {"script": "x" * 2000})
    assert Resolver(request, REFERENCES, catalogue, SETTINGS).resolve()
    longer = VideoRequest.model_validate(GOOD | {"script": "x" * 2001})
    with pytest.raises(ApiError, match="the limit is 2000"):
        Resolver(longer, REFERENCES, catalogue, SETTINGS).resolve()


def refusals_of(**fields: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(ApiError) as refused:
        resolve(**fields)
    return [(each.code, each.param) for each in refused.value.details]


def test_all_that_is_wrong_with_one_scene_is_told_at_once():
    wrong = GOOD | {
        "model": "sora",
        "image": "gone",
        "voice": "xx",
        "conversion": {"reference": "face"},
        "effects": ["nothing"],
        "output": {"background": "voice"},
    }
    assert refusals_of(**wrong) == [
        ("engine_unknown", "model"),
        ("asset_not_found", "image"),
        ("voice_unknown", "voice"),
        ("asset_wrong_kind", "conversion.reference"),
        ("effect_unknown", "effects"),
        ("asset_wrong_kind", "output.background"),
    ]


def test_the_refusals_of_all_scenes_are_told_and_what_they_share_once_where_it_was_given():
    scenes = [{"script": "One."}, {"script": "", "image": "gone"}, {"script": "x" * 1001, "voice": "en-us"}]
    assert refusals_of(image="face", voice="xx", scenes=scenes) == [
        ("voice_unknown", "voice"),
        ("asset_not_found", "scenes.1.image"),
        ("script_empty", "scenes.1.script"),
        ("script_too_long", "scenes.2.script"),
    ]


def test_the_limits_of_another_engine_refuse_nothing_if_the_engine_is_unknown():
    assert refusals_of(**GOOD | {"model": "sora", "image": "large"}) == [("engine_unknown", "model")]


def test_the_first_of_several_refusals_is_the_one_on_top():
    with pytest.raises(ApiError) as refused:
        resolve(**GOOD | {"image": "gone", "voice": "xx"})
    error = refused.value
    assert (error.status, error.code, error.param) == (422, "asset_not_found", "image")
    assert error.message == error.details[0].message
