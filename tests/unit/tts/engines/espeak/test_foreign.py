"""Tests what is said of letters that a voice has no words for."""

import pytest

from services.tts.engines.espeak.foreign import readable
from services.tts.engines.espeak.safe_text import MAX_CONSONANTS, SafeText
from services.tts.normalization.normalize import normalize_plain


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en-us", "say Привет now", "say pe er i ve ie te now"),
        ("en-us", "ThePривет", "TheP er i ve ie te"),
        ("en-us", "the שָׁלוֹם word", "the shin lamed vav final mem word"),
        ("en-us", "the كلمة, word", "the kaf lam meem teh marbuta, word"),
        ("en-us", "the ひらがな カー", "the hiragana ka"),
        ("en-us", "the 你好 word", "the  word"),
        ("en-us", "angle α, हिन्दी", "angle α, हिन्दी"),
        ("en-us", "naïve Łódź", "naïve Łódź"),
        ("ru", "Слово hello 你", "Слово hello "),
        ("cmn", "我说 hello", "我说 hello"),
        ("en-us", "你好", "你好"),
        ("x-unknown-zzzz", "say Привет", "say Привет"),
    ],
)
def test_foreign_letters_are_named_or_left_out(language: str, text: str, said: str) -> None:
    tokens = readable(normalize_plain(text), language)
    assert "".join(token.spoken + token.tail + token.gap for token in tokens) == said


def test_a_long_row_of_consonants_is_cut_where_the_library_would_lose_its_end() -> None:
    assert SafeText().text("w" * (MAX_CONSONANTS + 2) + " end") == "w" * MAX_CONSONANTS + " ww end"
    assert SafeText().text("strengths") == "strengths"
