"""Texts in the letters of a language, and others."""

import pytest

from services.chassis.text.writing_systems import (
    foreign_letters,
    has_letters_of,
    letters_by_system,
    unreadable_letters,
)


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en-US", "Hi", True),
        ("en-GB-x-rp", "Hi", True),
        ("", "Hi", True),
        ("en", "I, I, I!", False),
        ("en", "", False),
        ("en", "... 123 😀", False),
        ("en", "ʰʲ", False),
        ("en", "Привет", False),
        ("en", "ПривеTO", True),
        ("ru", "Привет", True),
        ("ru", "Hi", False),
        ("sr-Latn", "Zdravo", True),
        ("en-Shaw", "Hi", False),
        ("zh", "你好", True),
        ("ja", "東京", True),
        ("ja", "ねこ", True),
        ("ko", "안녕", True),
        ("he", "שלום", True),
        ("hi", "नमस्ते", True),
    ],
)
def test_letters_of_a_language(language: str, text: str, found: bool):
    assert has_letters_of(language, text) is found


@pytest.mark.parametrize(
    ("languages", "text", "found"),
    [
        (["en"], "Hi there", ""),
        (["en"], "Hi 你好!", "你好"),
        (["en"], "Hi 你!", ""),
        (["en", "zh"], "Hi 你好!", ""),
        (["en", "ru"], "Привет, γειά", "γειά"),
        (["ja"], "今日は hello", "helo"),
        (["en"], "𐌰𐌱𐌲 Gothic", ""),
        ([], "", ""),
    ],
)
def test_letters_in_which_no_language_is_written(languages: list[str], text: str, found: str):
    assert foreign_letters(languages, letters_by_system(text)) == found


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("ja-Hrkt", "今日は", "今日"),
        ("ja-Hrkt", "きょうは", ""),
        ("ja-Hrkt", "hello", ""),
        ("ja", "今日は", ""),
        ("en-US", "今日は", ""),
    ],
)
def test_letters_of_a_language_that_its_tag_leaves_out(language: str, text: str, found: str):
    assert unreadable_letters(language, letters_by_system(text)) == found
