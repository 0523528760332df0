"""Which scripts are inspected before they are accepted."""

import pytest

from services.gateway.speech.questions import needs_inspection
from services.gateway.speech.spec import ScriptSpec
from services.tts.engines.espeak.engine import EspeakEngine
from tests.odd_scripts import ODD_SCRIPTS, OddScript

ESPEAK = EspeakEngine().spec


def spec(text: str, voice: str = "en-us", *, ssml: bool = False) -> ScriptSpec:
    return ScriptSpec(text, ESPEAK, voice, ssml=ssml)


@pytest.mark.parametrize("script", [each for each in ODD_SCRIPTS if not each.sayable], ids=str)
def test_what_cannot_be_said_is_inspected(script: OddScript):
    assert needs_inspection(spec(script.text, script.voice, ssml=script.ssml))


@pytest.mark.parametrize(
    ("text", "voice"),
    [("Hello.", "en-us"), ("No", "de"), ("Привет, мир!", "ru"), ("你好", "cmn"), ("...yes", "en-us")],
)
def test_plain_words_are_not_inspected(text: str, voice: str):
    assert not needs_inspection(spec(text, voice))
