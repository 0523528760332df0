"""Searches for voices, and pages of their results."""

from typing import Any

import pytest

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.gateway.http.errors import ApiError
from services.gateway.jobs.domain.models import JobStatus
from services.gateway.voices.cloned import ClonedVoice
from services.gateway.voices.endpoints import VoiceObject
from services.gateway.voices.search import VoiceFilter, page_of
from tests.unit.gateway.jobs.job_examples import build_artifact

SPEAKER = build_artifact("speaker")
SPEC = EngineSpec("tts", "espeak", "1")
VOICES = [
    VoiceObject.of(SPEC, voice)
    for voice in (
        Voice("en-us", "English (America)", "en-US", "male"),
        Voice("en-gb", "English (Great Britain)", "en-GB", "female"),
        Voice("de", "German", "de"),
    )
]
CLONED = VoiceObject.of_cloned(
    ClonedVoice(
        id="voice_1",
        status=JobStatus.COMPLETED,
        engine="kokoro",
        request={"name": "Anna", "labels": {"gender": "female"}},
        speaker=SPEAKER,
    )
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["en-us", "en-gb", "de", "voice_1"]),
        ({"language": "EN"}, ["en-us", "en-gb", "voice_1"]),
        ({"language": "en-gb"}, ["en-gb", "voice_1"]),
        ({"search": "america"}, ["en-us"]),
        ({"search": "anna"}, ["voice_1"]),
        ({"search": "de"}, ["de"]),
        ({"gender": "Female"}, ["en-gb", "voice_1"]),
        ({"voice_ids": ["de", "nobody"]}, ["de"]),
        ({"category": "premade", "use_cases": ["news"]}, ["en-us", "en-gb", "de"]),
        ({"category": "cloned"}, ["voice_1"]),
        ({"language": "fr"}, ["voice_1"]),
    ],
)
def test_a_search_finds_matching_voices(query: dict[str, Any], found: list[str]):
    wanted = VoiceFilter.model_validate(query)
    assert [voice.id for voice in [*VOICES, CLONED] if wanted.matches(voice)] == found


def test_pages_follow_each_other_and_end():
    assert page_of("abcde", 2, None) == (["a", "b"], "2")
    assert page_of("abcde", 2, "2") == (["c", "d"], "4")
    assert page_of("abcde", 2, "4") == (["e"], None)
    assert page_of("abcd", 2, "2") == (["c", "d"], None)


@pytest.mark.parametrize("token", ["x", "-1", "²", "", "9" * 5000])
def test_an_invalid_page_token_is_refused(token: str):
    with pytest.raises(ApiError, match="token"):
        page_of("abc", 2, token)
