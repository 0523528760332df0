"""Signs of the neural voices' alphabet, and IPA in them."""

import pytest

from services.chassis.errors import InvalidArgument
from services.tts.engines.neural.alphabet import ipa_of, is_sound, signs_of_ipa

KNOWN = {sign: number for number, sign in enumerate("AIOWYQabdefhijklmnopstuvwzæðŋɑɔəɚɛɜɡɪɹɾʃʊʌʒʤʧθˈˌː ᵊl̩")}


@pytest.mark.parametrize(
    ("ipa", "signs"),
    [
        ("həˈloʊ", "həlˈO"),
        ("ˈsiːkwəl", "sˈiːkwəl"),
        ("dʒɪf", "ʤˈɪf"),
        ("d͡ʒɪf", "ʤˈɪf"),
        ("tʃaɪ", "ʧˈI"),
        ("ˈɡɪthʌb", "ɡˈɪthʌb"),
        ("ˌɪnfɚˈmeɪʃən", "ˌɪnfɚmˈAʃən"),
        ("bɝd", "bˈɜɹd"),
        ("raʊt", "ɹˈWt"),
        ("kæt.fɪʃ", "kˈætfɪʃ"),
        ("'stɪl", "stˈɪl"),
    ],
)
def test_ipa_is_written_in_signs_with_the_stress_before_its_vowel(ipa: str, signs: str) -> None:
    assert signs_of_ipa(ipa, KNOWN) == signs


@pytest.mark.parametrize(("ipa", "told"), [("ǃa", "ǃ"), ("ː", "no sound"), ("ˈ", "no sound")])
def test_what_the_voice_cannot_say_is_refused(ipa: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        signs_of_ipa(ipa, KNOWN)


@pytest.mark.parametrize(
    ("sign", "sounds"), [("A", True), ("s", True), ("ˈ", False), (" ", False), (",", False), ("ː", False)]
)
def test_marks_pauses_and_length_have_no_sound_of_their_own(sign: str, sounds: bool) -> None:
    assert is_sound(sign) == sounds


def test_letters_for_diphthongs_are_ipa_in_the_timeline() -> None:
    assert [ipa_of(sign) for sign in "AIWOQYʤʧTsᵝ"] == [
        *("eɪ", "aɪ", "aʊ", "oʊ", "əʊ", "ɔɪ", "dʒ", "tʃ", "ɾ", "s", "w")
    ]
