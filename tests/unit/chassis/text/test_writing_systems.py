"""Texts in the letters of a language, and others."""

import pytest

from services.chassis.text.writing_systems import has_letters_of


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
