"""Tests that the announced languages are those that have a phonemizer."""

import pytest

from services.voice.engines.sphinx.engine import SphinxEngine
from services.voice.engines.sphinx.phonemizer import phonemizer


@pytest.mark.parametrize("language", SphinxEngine().spec.languages)
def test_an_announced_language_is_known(language: str):
    for tag in (language, f"{language}-XX"):
        with phonemizer(tag) as sounds:
            assert sounds is not None


@pytest.mark.parametrize("language", ["tlh", "xx", "deu", "english", "..", ""])
def test_another_one_is_not(language: str):
    assert language not in SphinxEngine().spec.languages
    with phonemizer(language) as sounds:
        assert sounds is None
