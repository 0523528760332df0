from pathlib import Path
from typing import Any

import pytest

from services.cli.errors import UsageError
from services.cli.speak_request import FORMATS, SpeakRequest, default_file, speech_body
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
        (SpeakRequest("# Hi", markup="plain"), {"input": "# Hi", "markup": "plain"}),
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
    ("request_", "out", "message"),
    [
        (SpeakRequest(" "), "out.wav", "empty"),
        (SpeakRequest("Hi"), "out.mp4", "end with"),
        (SpeakRequest("Hi"), "out", "end with"),
        (SpeakRequest("Hi", audio_format="midi"), "-", "no such format"),
        (SpeakRequest("Hi", audio_format="mp3"), "out.wav", "goes with --format wav, and not with mp3"),
    ],
)
def test_what_cannot_be_spoken_or_written_is_refused(request_: SpeakRequest, out: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        speech_body(request_, Path(out))


@pytest.mark.parametrize(
    ("out", "wanted", "response_format"),
    [("-", None, "wav"), ("-", "mp3", "mp3"), ("out.ogg", None, "opus"), ("out.flac", "flac", "flac")],
)
def test_the_format_is_the_wanted_one_or_that_of_the_name(
    out: str, wanted: str | None, response_format: str
) -> None:
    body = speech_body(SpeakRequest("Hi", audio_format=wanted), Path(out))
    assert body["response_format"] == response_format


@pytest.mark.parametrize("wanted", [None, *OPENAI_FORMATS])
def test_the_default_file_goes_with_the_format(wanted: str | None) -> None:
    file = default_file(wanted)
    assert file == Path(f"out.{wanted or 'wav'}")
    assert speech_body(SpeakRequest("Hi", audio_format=wanted), file)["response_format"] == (wanted or "wav")


def test_an_unknown_format_is_refused_without_a_name() -> None:
    with pytest.raises(UsageError, match="--format midi: there is no such format"):
        speech_body(SpeakRequest("Hi", audio_format="midi"), default_file("midi"))
