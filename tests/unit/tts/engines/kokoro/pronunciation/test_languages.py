"""Signs of each language, and the tokens that they belong to."""

import itertools
import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from services.chassis.errors import InvalidArgument
from services.tts.engines.kokoro.pronunciation.languages import Pronunciations
from services.tts.engines.kokoro.voices import LANGUAGES
from services.tts.normalization.normalize import normalize_plain
from services.tts.script.tokens import Token


@pytest.fixture(scope="module")
def pronunciations() -> Pronunciations:
    package = find_spec("hibari")
    assert package is not None and package.origin is not None
    return Pronunciations(json.loads((Path(package.origin).parent / "assets/vocab.json").read_text()))


@pytest.mark.parametrize(
    ("letter", "text", "words"),
    [
        ("a", "The tomato, please.", "ðə təmˈATO, plˈiz."),
        ("a", f"{'12' * 19}.", " ".join(["wˈʌn tˈu"] * 19) + "."),
        ("a", ",".join(["121"] * 13), " ".join(["wˈʌn tˈu wˈʌn"] * 13)),
        ("b", "The tomato, please.", "ðə təmˈɑːtQ, plˈiːz."),
        ("e", "Los niños, ¿dónde?", "los nˈiɲos, dˈonde?"),
        ("f", "Les enfants, n'est-ce pas ?", "lez ɑ̃fˈɑ̃, nˈɛs pˈa?"),
        ("i", "La zia di Lucia!", "la ʣˈia dɪ lʊʧˈiːa!"),
        ("p", "Que bom dia.", "ky bˈoŋ ʤˈiæ."),
        ("h", "नमस्ते दुनिया।", "nəmˈʌsteː dˈʊnɪjˌaː."),
        ("z", "你好，2026年30日。", "ni↓xau↓, ɚ↘li↗ŋɚ↘ ljou↘njɛ↗n sa→nʂɨ↗ɻɨ↘."),
        ("z", "二〇二四年", "ɚ↘li↗ŋɚ↘ sɨ↘njɛ↗n"),
        ("z", "1,234元", "i→ʨʰjɛ→nɚ↘pai↓ sa→nʂɨ↗sɨ↘ ɥɛ↗n"),
        ("z", "1,000年", "i→ʨʰjɛ→nnjɛ↗n"),
        ("z", "1，234", "i→ɚ↘pai↓ sa→nʂɨ↗sɨ↘"),
        ("z", "-5.2%", "fu↘ pai↓fə→nꭧɨ→u↓tjɛ↓n ɚ↘"),
        ("z", "−5度", "fu↘ u↓tu↘"),
        ("z", "5-6度", "u↓ljou↘ tu↘"),
        ("z", "3‰", "ʨʰjɛ→nfə→nꭧɨ→ sa→n"),
        ("z", "12345678901234567", "i→ɚ↘sa→nsɨ↘u↓ ljou↘ʨʰi→ pa→ʨjou↓ li↗ŋ i→ɚ↘sa→nsɨ↘u↓ ljou↘ʨʰi→"),
        ("j", "今日は、学校です。", "kʲoː βa, ɡaʔkoː desɨ."),
    ],
)
def test_a_text_has_the_phonemes_of_its_language(
    letter: str, text: str, words: str, pronunciations: Pronunciations
) -> None:
    tokens = normalize_plain(text, LANGUAGES[letter].tag)
    marks = pronunciations.marks(LANGUAGES[letter], tokens, range(len(tokens)))
    assert "".join(mark.sign for mark in marks) == words
    assert all(first.token <= second.token for first, second in itertools.pairwise(marks))


def test_brazilian_signs_have_the_ipa_of_their_sound(pronunciations: Pronunciations) -> None:
    tokens = normalize_plain("que uma", "pt-BR")
    marks = pronunciations.marks(LANGUAGES["p"], tokens, range(len(tokens)))
    assert {mark.sign: mark.ipa for mark in marks if mark.ipa} == {"y": "ɪ", "æ": "ɐ"}


@pytest.mark.parametrize("letter", LANGUAGES)
def test_given_phonemes_replace_those_of_the_word(letter: str, pronunciations: Pronunciations) -> None:
    tokens = (Token("a", "a", gap=" "), Token("b", "b", ipa="ˈsiːkwəl", gap=" "), Token("c", "c"))
    marks = pronunciations.marks(LANGUAGES[letter], tokens, range(3))
    assert "".join(mark.sign for mark in marks if mark.token == 1 and mark.sign != " ") == "sˈiːkwəl"


def test_phonemes_that_the_voices_do_not_have_are_refused(pronunciations: Pronunciations) -> None:
    with pytest.raises(InvalidArgument, match="write another"):
        pronunciations.marks(LANGUAGES["e"], (Token("a", "a", ipa="ǃa"),), range(1))


def test_the_words_of_each_token_are_its_own_where_another_language_is_mixed_in(
    pronunciations: Pronunciations,
) -> None:
    tokens = normalize_plain("我喜欢 Hello 世界", "zh-CN")
    marks = pronunciations.marks(LANGUAGES["z"], tokens, range(len(tokens)))
    said = {
        tokens[token].shown: "".join(m.sign for m in group)
        for token, group in itertools.groupby(marks, lambda m: m.token)
    }
    assert said["Hello"].strip() == "həlˈO"
    assert said["界"].strip() == "ʨje↘"


@pytest.mark.parametrize(
    ("letter", "text", "signs"),
    [
        ("e", "Hola, привет", "ˈola, θiɾˈilikopˈɛː"),
        ("z", "１２％ ١٢", "pai↓fə→nꭧɨ→ʂɨ↗ɚ↘"),
        ("z", "2026", "ɚ↘ʨʰjɛ→n li↗ŋ ɚ↘ʂɨ↗ljou↘"),
        ("j", "一二 ١٢", "iʨi ɲi"),
        ("j", "你好\ud800", ""),
        ("j", "ー、っ", ""),
        ("j", "ンャ", "ɴ"),
        ("j", "んゅ", "ɴ"),
        ("j", "ーャ", ""),
        ("j", "学校ンョです", "ɡaʔkoː ɴ desɨ"),
    ],
)
def test_what_a_language_cannot_read_does_not_stop_it(
    letter: str, text: str, signs: str, pronunciations: Pronunciations
) -> None:
    tokens = normalize_plain(text, LANGUAGES[letter].tag)
    marks = pronunciations.marks(LANGUAGES[letter], tokens, range(len(tokens)))
    assert "".join(mark.sign for mark in marks).startswith(signs)
