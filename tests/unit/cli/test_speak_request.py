from pathlib import Path
from typing import Any

import pytest

from services.cli.errors import UsageError
from services.cli.speak_request import FORMATS, SpeakRequest, speech_body
from services.gateway.speech.formats import OPENAI_FORMATS
from services.gateway.speech.schemas import SpeechRequest


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (SpeakRequest("Hello."), {}),
        (
            SpeakRequest("Hello.", voice="en-gb", speed=1.5, pitch=-2, emotion="sad", effects=("radio",)),
            {"voice": "en-gb", "speed": 1.5, "pitch_semitones": -2, "emotion": "sad", "effects": ["radio"]},
        ),
        (SpeakRequest("Hello.", ssml=True, engine="espeak"), {"ssml": True, "model": "espeak"}),
    ],
)
def test_the_body_holds_the_given_options_and_is_valid_for_the_gateway(
    request_: SpeakRequest, expected: dict[str, Any]
) -> None:
    body = speech_body(request_, Path("out.WAV"))

    assert body == {"input": "Hello.", "response_format": "wav", **expected}
    SpeechRequest.model_validate(body)


def test_every_format_of_the_gateway_has_a_suffix() -> None:
    assert set(FORMATS.values()) == set(OPENAI_FORMATS)


@pytest.mark.parametrize(
    ("text", "out", "message"), [(" ", "out.wav", "empty"), ("Hi", "out.mp4", "end with")]
)
def test_an_empty_text_and_an_unknown_suffix_are_refused(text: str, out: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        speech_body(SpeakRequest(text), Path(out))
