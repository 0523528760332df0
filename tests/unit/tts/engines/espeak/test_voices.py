from pathlib import Path

import pytest

from services.chassis.errors import VoiceUnknown
from services.tts.engines.espeak.dictionaries import has_dictionary
from services.tts.engines.espeak.library import VoiceFile
from services.tts.engines.espeak.voices import build_voices, canonical_tag, find_voice

FILES = [
    VoiceFile("roa/fr", "French (France)", ("fr-fr", "fr"), 1),
    VoiceFile("gmw/en-US", "English (America)", ("en-us", "en"), 1),
    VoiceFile("sit/yue", "Cantonese", ("yue", "zh-yue"), 0),
    VoiceFile("sit/yue-Latn-jyutping", "Cantonese, Jyutping", ("yue", "zh-yue"), 2),
]


def test_ids_are_first_languages_and_unique() -> None:
    voices = build_voices(FILES)
    assert list(voices) == ["fr-fr", "en-us", "yue", "yue-latn-jyutping"]
    assert voices["yue-latn-jyutping"].voice.language == "yue-Latn-jyutping"
    assert [v.voice.gender for v in voices.values()] == ["male", "male", "", "female"]
    assert voices["en-us"].identifier == "gmw/en-US"


@pytest.mark.parametrize(
    ("wanted", "named"), [("en-uk", "en-us"), ("EN-US", "en-us"), ("zzzzzz", "for example")]
)
def test_an_unknown_voice_is_refused_with_similar_ones(wanted: str, named: str) -> None:
    with pytest.raises(VoiceUnknown, match=named):
        find_voice(build_voices(FILES), wanted)


@pytest.mark.parametrize(
    ("tag", "canonical"),
    [
        ("de", "de"),
        ("en-us", "en-US"),
        ("es-419", "es-419"),
        ("en-gb-x-rp", "en-GB-x-rp"),
        ("fa-latn", "fa-Latn"),
    ],
)
def test_tags_get_their_usual_case(tag: str, canonical: str) -> None:
    assert canonical_tag(tag) == canonical


def test_a_voice_without_a_dictionary_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "lang").mkdir()
    (tmp_path / "lang" / "nb").write_text("name Norwegian\nlanguage nb\ndictionary no\n")
    (tmp_path / "lang" / "fo").write_text("name Faroese\nlanguage fo\n")
    (tmp_path / "no_dict").touch()
    assert has_dictionary(tmp_path, "nb", "nb")
    assert not has_dictionary(tmp_path, "fo", "fo")
