"""The engine and voice that speak a text."""

from dataclasses import replace

import pytest

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.chassis.errors import EngineUnavailable
from services.gateway.engines.catalogue import Catalogue
from services.gateway.http.errors import ApiError
from services.gateway.speech.voice_choice import choose_model, choose_voice
from services.gateway.voices.cloned import ReadyVoice
from tests.unit.gateway.jobs.job_examples import build_artifact

SPEAKER = build_artifact("speaker")

HIBARI = EngineSpec("tts", "hibari", "1", voices=(Voice("heart", "Heart", "en-US"),))
KOKORO = EngineSpec(
    "tts",
    "kokoro",
    "1",
    operations=("clone",),
    voices=(
        Voice("af_alloy", "Alloy", "en-US"),
        Voice("bf_emma", "Emma", "en-GB"),
        Voice("ef_dora", "Dora", "es"),
        Voice("jf_alpha", "Alpha", "ja"),
        Voice("zf_xiaoxiao", "Xiaoxiao", "zh"),
    ),
)
ESPEAK = EngineSpec(
    "tts",
    "espeak",
    "1",
    voices=(
        Voice("af", "Afrikaans", "af"),
        Voice("en-us", "American", "en-US"),
        Voice("de", "German", "de"),
        Voice("es", "Spanish", "es"),
        Voice("ru", "Russian", "ru"),
        Voice("ja", "Japanese", "ja-Hrkt"),
        Voice("cmn", "Mandarin", "cmn"),
    ),
)
ENGLISH = "Hello there, my friend."
GERMAN, SPANISH = "Guten Tag, wie geht es Ihnen heute?", "Hola a todos, ¿cómo están ustedes hoy?"
JAPANESE, CHINESE = "今日はとても良い天気ですね。", "你好，很高兴认识你。"
RUSSIAN = "Здравствуйте, как дела?"
THAI = "สวัสดีครับ"


def catalogue(*specs: EngineSpec) -> Catalogue:
    known = Catalogue()
    known.learn(specs)
    return known


@pytest.mark.parametrize(
    ("engines", "voice", "text", "found"),
    [
        ((ESPEAK, HIBARI), None, "Hello there, my friend.", ("hibari", "heart")),
        ((ESPEAK, HIBARI), "auto", "Hello there, my friend.", ("hibari", "heart")),
        ((ESPEAK,), None, "Hello there, my friend.", ("espeak", "en-us")),
        ((ESPEAK, HIBARI), None, GERMAN, ("espeak", "de")),
        ((ESPEAK, HIBARI), None, SPANISH, ("espeak", "es")),
        ((ESPEAK, HIBARI, KOKORO), None, SPANISH, ("kokoro", "ef_dora")),
        ((ESPEAK, HIBARI), None, CHINESE, ("espeak", "cmn")),
        ((ESPEAK, HIBARI, KOKORO), None, JAPANESE, ("kokoro", "jf_alpha")),
        ((ESPEAK, HIBARI), None, "Hello, my dear friend 你好", ("espeak", "en-us")),
        ((ESPEAK, HIBARI), "en-us", "Hello 你好", ("espeak", "en-us")),
        ((ESPEAK, HIBARI), "de", "Hello there, my friend.", ("espeak", "de")),
        ((ESPEAK, HIBARI), "Alloy", "Hello.", ("hibari", "heart")),
        ((ESPEAK, HIBARI, KOKORO), "alloy", "Hello.", ("kokoro", "af_alloy")),
        ((ESPEAK, HIBARI), "21m00Tcm4TlvDq8ikWAM", "Hello.", ("hibari", "heart")),
        ((ESPEAK, HIBARI), "hibari:heart", "α particles", ("hibari", "heart")),
    ],
)
def test_the_best_voice_for_the_language_speaks(
    engines: tuple[EngineSpec, ...], voice: str | None, text: str, found: tuple[str, str]
) -> None:
    spec, chosen = choose_voice(catalogue(*engines), voice, None, text, "voice")
    assert (spec.name, chosen.id) == found


@pytest.mark.parametrize(
    ("engines", "voice", "text", "told"),
    [
        (
            (ESPEAK, HIBARI),
            "heart",
            "Say 你好",
            "'heart' cannot read '你好'. .* such as 'cmn'",
        ),
        ((ESPEAK, HIBARI), "ja", JAPANESE, "make voices"),
        ((ESPEAK, HIBARI, KOKORO), "ja", JAPANESE, "such as 'jf_alpha'"),
        ((ESPEAK, HIBARI), None, JAPANESE, "make voices"),
        ((ESPEAK, HIBARI), None, THAI, "make voices"),
    ],
)
def test_letters_that_the_voice_cannot_read_are_refused(
    engines: tuple[EngineSpec, ...], voice: str | None, text: str, told: str
) -> None:
    with pytest.raises(ApiError, match=told) as refused:
        choose_voice(catalogue(*engines), voice, None, text, "voice")
    assert (refused.value.code, refused.value.param) == ("voice_unsuitable", "voice")


def test_a_named_model_keeps_to_its_voices() -> None:
    known = catalogue(ESPEAK, HIBARI)
    assert choose_voice(known, None, ESPEAK, "Hello, my friend.", "voice")[1].id == "en-us"
    assert choose_voice(known, None, HIBARI, GERMAN, "voice")[1].id == "heart"


@pytest.mark.parametrize("model", [None, "auto", "tts-1", "gpt-4o-mini-tts", "eleven_multilingual_v2"])
def test_names_of_other_providers_models_leave_the_choice_to_the_voice(model: str | None) -> None:
    assert choose_model(catalogue(HIBARI), model, "model") is None


def test_a_model_of_this_installation_is_taken_and_another_refused() -> None:
    known = catalogue(HIBARI, ESPEAK)
    assert choose_model(known, "espeak", "model") == ESPEAK
    with pytest.raises(ApiError, match="There is no tts engine 'qqq'"):
        choose_model(known, "qqq", "model")


def test_without_a_worker_nothing_speaks() -> None:
    with pytest.raises(EngineUnavailable):
        choose_voice(catalogue(), None, None, "Hello.", "voice")


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("", ENGLISH, "af_alloy"),
        ("en-GB", ENGLISH, "bf_emma"),
        ("en-IN", ENGLISH, "af_alloy"),
        ("de", ENGLISH, "af_alloy"),
        ("en-GB", SPANISH, "ef_dora"),
        ("en-GB", JAPANESE, "jf_alpha"),
        ("", GERMAN, "af_alloy"),
    ],
)
def test_a_cloned_voice_speaks_the_language_of_the_text(language: str, text: str, found: str) -> None:
    voice = ReadyVoice("voice_1", "kokoro", language, SPEAKER)
    spec, chosen = choose_voice(catalogue(ESPEAK, HIBARI, KOKORO), voice, None, text, "voice")
    assert (spec.name, chosen.id) == ("kokoro", found)


def test_a_cloned_voice_cannot_speak_what_its_engine_cannot_read() -> None:
    voice = ReadyVoice("voice_1", "kokoro", "", SPEAKER)
    with pytest.raises(ApiError, match="kokoro cannot read") as refused:
        choose_voice(catalogue(ESPEAK, KOKORO), voice, None, RUSSIAN, "voice")
    assert refused.value.code == "voice_unsuitable"


@pytest.mark.parametrize(
    ("engines", "refusal", "told"),
    [
        ((ESPEAK, HIBARI), EngineUnavailable, "No tts worker that can clone"),
        ((KOKORO, replace(KOKORO, name="other", operations=())), ApiError, "'other' cannot clone"),
    ],
)
def test_a_cloned_voice_needs_its_engine(
    engines: tuple[EngineSpec, ...], refusal: type[Exception], told: str
) -> None:
    with pytest.raises(refusal, match=told):
        choose_voice(catalogue(*engines), ReadyVoice("voice_1", "other", "", SPEAKER), None, ENGLISH, "voice")
