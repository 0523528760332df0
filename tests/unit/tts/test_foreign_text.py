"""Words in another writing system than the voice's go to a voice that reads it."""

import pytest

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.tts.foreign_text import with_readers
from services.tts.script.spans import Break, Ipa, Manner, Span, Text
from services.tts.voice_selection import VoiceSelection

SPEC = EngineSpec(
    "tts",
    "many",
    "1",
    voices=(
        Voice("en-us", "English", "en-US"),
        Voice("cmn", "Mandarin", "cmn"),
        Voice("ru", "Russian", "ru"),
        Voice("ja", "Japanese", "ja-Hrkt"),
    ),
)


def parts(text: str, voice: str = "en-us") -> list[tuple[str, str]]:
    spans = with_readers([Text(text)], VoiceSelection(SPEC, voice))
    return [(span.manner.voice, span.text) for span in spans if isinstance(span, Text)]


@pytest.mark.parametrize(
    ("voice", "text", "expected"),
    [
        ("en-us", "Hello, world.", [("", "Hello, world.")]),
        ("en-us", "", []),
        ("en-us", "Say 你好 now.", [("", "Say "), ("lang:cmn", "你好 "), ("", "now.")]),
        ("en-us", "Привет, 5 мир", [("lang:ru", "Привет, 5 мир")]),
        ("en-us", "α particles, Δt", [("", "α particles, Δt")]),
        ("en-us", "Γειά σου", [("", "Γειά σου")]),
        ("en-us", "ねこ、cat", [("lang:ja", "ねこ、"), ("", "cat")]),
        ("ru", "Это Windows, да", [("", "Это "), ("lang:en", "Windows, "), ("", "да")]),
        ("cmn", "我有 iPhone 手机", [("", "我有 "), ("lang:en", "iPhone "), ("", "手机")]),
    ],
)
def test_foreign_words_get_a_reader(voice: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert parts(text, voice) == expected


def test_what_is_said_otherwise_and_breaks_stay() -> None:
    spans: list[Span] = [Text("你好", Manner(), Ipa("haʊ")), Break(0.5)]
    assert list(with_readers(spans, VoiceSelection(SPEC, "en-us"))) == spans
