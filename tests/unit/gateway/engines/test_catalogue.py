"""Engines and voices found by name or operation, or refused."""

from dataclasses import replace

import pytest

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.chassis.errors import EngineUnavailable
from services.gateway.engines.catalogue import Catalogue
from services.gateway.http.errors import ApiError
from tests.unit.gateway.jobs.job_examples import ALIGNER, EFFECTS, SILENT_VIDEO, TTS, VIDEO, VOICE

OTHER_TTS = replace(TTS, name="another", voices=(Voice("en-us", "US", "en-US"), Voice("fr", "French", "fr")))


def catalogue(*specs: EngineSpec) -> Catalogue:
    known = Catalogue()
    known.learn(specs or (SILENT_VIDEO, VIDEO, OTHER_TTS, TTS))
    return known


def test_engines_are_listed_by_name_after_the_default():
    known = catalogue(SILENT_VIDEO, replace(VIDEO, name="alpha"), VIDEO)
    assert [spec.name for spec in known.engines("video")] == ["puppet", "alpha", "wan"]
    assert known.engine("video", None, "model").name == "puppet"


def test_an_engine_is_found_by_its_name():
    assert catalogue().engine("video", "wan", "model") == SILENT_VIDEO


def test_a_later_spec_replaces_the_earlier_one():
    known = catalogue()
    known.learn([replace(VIDEO, version="2")])
    assert known.engine("video", "puppet", "model").version == "2"


def test_an_unknown_engine_is_refused_with_the_list_of_engines():
    with pytest.raises(ApiError, match=r"'sora'\. Use one of: puppet, wan\.") as refused:
        catalogue().engine("video", "sora", "model")
    assert (refused.value.status, refused.value.code, refused.value.param) == (422, "engine_unknown", "model")


def test_a_service_without_announced_engines_is_unavailable():
    with pytest.raises(EngineUnavailable, match="No mux worker"):
        catalogue().engine("mux", "ffmpeg", "model")
    with pytest.raises(EngineUnavailable, match="No tts worker"):
        catalogue(VIDEO).voice("en-us", None, "voice")


@pytest.mark.parametrize(
    ("voice", "engine", "found"),
    [
        ("de", None, ("espeak", "de")),
        ("DE", None, ("espeak", "de")),
        ("fr", None, ("another", "fr")),
        ("en-us", OTHER_TTS, ("another", "en-us")),
        ("another:en-us", None, ("another", "en-us")),
        ("another:en-us", TTS, ("another", "en-us")),
    ],
)
def test_a_voice_is_found_with_its_engine(voice: str, engine: EngineSpec | None, found: tuple[str, str]):
    spec, known = catalogue().voice(voice, engine, "voice")
    assert (spec.name, known.id) == found


@pytest.mark.parametrize(
    ("voice", "engine", "code", "hint"),
    [
        ("en-uk", None, "voice_unknown", "Did you mean en-us"),
        ("qqq", None, "voice_unknown", "GET /v1/voices"),
        ("fr", TTS, "voice_unknown", "'fr'"),
        ("nobody:fr", None, "engine_unknown", "'nobody'"),
    ],
)
def test_an_unknown_voice_is_refused(voice: str, engine: EngineSpec | None, code: str, hint: str):
    with pytest.raises(ApiError, match=hint) as refused:
        catalogue().voice(voice, engine, "scenes.0.voice")
    assert (refused.value.code, refused.value.param) == (code, "scenes.0.voice")


def test_a_voice_name_of_megabytes_is_refused_like_any_other():
    with pytest.raises(ApiError, match="GET /v1/voices") as refused:
        catalogue().voice("en-us" * 1_000_000, None, "voice")
    assert refused.value.code == "voice_unknown"


@pytest.mark.parametrize(
    ("operation", "name", "found"),
    [
        ("convert", None, "world"),
        ("convert", "world", "world"),
        ("effects", None, "effects"),
        ("align", None, "sphinx"),
    ],
)
def test_a_voice_engine_is_found_by_operation(operation: str, name: str | None, found: str):
    assert catalogue(ALIGNER, EFFECTS, VOICE).voice_engine(operation, name, "engine").name == found


def test_a_voice_engine_without_operations_converts():
    assert catalogue(EngineSpec("voice", "old", "1")).voice_engine("convert", "old", "engine").name == "old"


def test_a_voice_engine_without_the_operation_is_refused():
    with pytest.raises(ApiError, match=r"'sphinx' cannot convert voices\. Use one of: world") as refused:
        catalogue(ALIGNER, VOICE).voice_engine("convert", "sphinx", "conversion.engine")
    assert (refused.value.code, refused.value.param) == ("engine_unsuitable", "conversion.engine")
    with pytest.raises(EngineUnavailable, match="No voice worker that can align"):
        catalogue(VOICE).voice_engine("align", None, "audio")


def test_what_can_be_installed_is_refused_with_the_command_that_brings_it():
    with pytest.raises(ApiError, match=r"To have it, run `make voices` and start the tts worker again\."):
        catalogue().engine("tts", "kokoro", "model")
    with pytest.raises(ApiError, match=r"`make voices` brings more\."):
        catalogue().voice("ef_dora", None, "voice")
    with pytest.raises(ApiError, match=r"lists them all\.$"):
        catalogue(TTS, replace(TTS, name="kokoro")).voice("ef_dora", None, "voice")


def test_without_an_engine_that_transcribes_the_answer_says_how_to_get_one():
    with pytest.raises(EngineUnavailable, match=r"transcribe .* yet\. Run `make voices` and start"):
        catalogue(ALIGNER, VOICE).voice_engine("transcribe", None, "model")
    other = EngineSpec("voice", "other", "1", operations=("transcribe",))
    with pytest.raises(ApiError, match=r"To have it, run `make voices` and start the voice worker again\."):
        catalogue(VOICE, other).voice_engine("transcribe", "whisper", "model")
