"""The list of voices."""

from services.chassis.models.catalogue import find_model
from services.tts.engines.kokoro.voices import LANGUAGES, VOICES


def test_every_voice_has_a_file_in_the_model_and_every_file_a_voice() -> None:
    files = {file.path for file in find_model("kokoro").files if file.path.startswith("voices/")}
    assert {f"voices/{name}.bin" for name in VOICES} == files


def test_voices_tell_their_language_and_gender() -> None:
    told = {(name[:2], voice.language, voice.gender) for name, voice in VOICES.items()}
    assert ("bm", "en-GB", "male") in told and ("zf", "zh-CN", "female") in told
    assert {language for _, language, _ in told} == {language.tag for language in LANGUAGES.values()}
    assert VOICES["pf_dora"].description == "A female voice for Brazilian Portuguese."
