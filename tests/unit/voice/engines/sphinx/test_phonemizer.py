"""Tests that the announced languages are those that have a phonemizer with sounds."""

import pytest

from services.voice.engines.sphinx.engine import SphinxEngine
from services.voice.engines.sphinx.phonemizer import phonemizer


@pytest.mark.parametrize("language", SphinxEngine().spec.languages)
def test_an_announced_language_has_sounds(language: str):
    for tag in (language, f"{language}-XX"):
        with phonemizer(tag) as sounds:
            assert sounds is not None
            assert sounds("ma")


@pytest.mark.parametrize("language", ["tlh", "xx", "deu", "english", "fo", "kaa", "xex", "..", ""])
def test_another_one_is_not(language: str):
    assert language not in SphinxEngine().spec.languages
    with phonemizer(language) as sounds:
        assert sounds is None
