from collections.abc import Iterator

import pytest

from services.chassis.engine_api.timeline import Stress
from services.voice.engines.sphinx.phonemizer import Phonemizer, Sound, phonemizer
from services.voice.engines.sphinx.pronunciation import pronounce

KNOWN = {"hello", "john's"}


@pytest.fixture
def english() -> Iterator[Phonemizer]:
    with phonemizer("en-US") as sounds:
        assert sounds is not None
        yield sounds


def test_words_keep_their_letters_and_lose_their_punctuation(english: Phonemizer) -> None:
    words = pronounce("“Hello,” — John’s 2 cats!", english, KNOWN.__contains__)
    assert [word.text for word in words] == ["Hello", "John’s", "2", "cats"]
    assert [word.learned for word in words] == [False, False, True, True]
    assert [word.name for word in words[:2]] == ["hello", "john's"]
    assert words[2].phones == ("T", "UW")


def test_words_that_sound_the_same_have_one_name(english: Phonemizer) -> None:
    one, other = pronounce("blyx blyx", english, KNOWN.__contains__)
    assert one.name == other.name
    assert " " not in one.name


def test_a_known_word_is_spelled_as_heard_with_the_stress_of_the_dictionary(english: Phonemizer) -> None:
    (word,) = pronounce("hello", english, KNOWN.__contains__)
    assert list(word.spell(("HH", "AH", "L", "OW"))) == [
        (Sound("h"), 1),
        (Sound("ə"), 1),
        (Sound("l"), 1),
        (Sound("oʊ", Stress.PRIMARY), 1),
    ]


def test_stress_without_a_matching_vowel_is_dropped(english: Phonemizer) -> None:
    (word,) = pronounce("hello", english, KNOWN.__contains__)
    assert all(sound.stress is Stress.NONE for sound, _ in word.spell(("HH", "OW")))


def test_a_foreign_word_keeps_its_own_sounds() -> None:
    with phonemizer("de-DE") as german:
        assert german is not None
        (word,) = pronounce("zünden", german)
    assert [sound.ipa for sound, _ in word.spell(word.phones)][:2] == ["ts", "ʏ"]
    assert [count for _, count in word.spell(word.phones)][:2] == [2, 1]
    assert sum(count for _, count in word.spell(word.phones)) == len(word.phones)


@pytest.mark.parametrize("language", ["tlh", "", "../../etc/passwd", "x" * 300])
def test_an_unknown_language_has_no_phonemizer(language: str) -> None:
    with phonemizer(language) as sounds:
        assert sounds is None


@pytest.mark.parametrize("language", ["de", "DE", "de-AT", "pt-BR", "zh-CN", "no", "fr_FR"])
def test_a_language_is_found_by_its_tag_or_the_nearest(language: str) -> None:
    with phonemizer(language) as sounds:
        assert sounds is not None
        assert sounds("2")
