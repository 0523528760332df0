"""Words of the lexicon that occur in a script."""

import pytest

from services.gateway.lexicon.pronunciation import Pronunciation, folded, occurring, parameters_of
from tests.unit.gateway.jobs.job_examples import NOW


@pytest.mark.parametrize(
    ("word", "text", "stands"),
    [
        ("gif", "A GIF.", True),
        ("GIF", "gif", True),
        ("gif", "gifted", False),
        ("gif", "a megagif", False),
        ("gif", "gifted gif", True),
        ("gif", "gif2", False),
        ("gif", "gif_a", False),
        ("gif", "(gif)", True),
        ("gif", "animated-gif-file", True),
        ("New York", "in new \n york.", True),
        ("New York", "newyork", False),
        ("C++", "C++ and C", True),
        ("C++", "C+", False),
        ("Łódź", "w ŁÓDŹ!", True),
        ("東京", "私は東京に住む", True),
        ("gif", "", False),
        ("caf\u00e9", "Cafe\u0301!", True),
        ("cafe\u0301", "CAF\u00c9", True),
    ],
)
def test_only_whole_words_occur_in_any_case(word: str, text: str, stands: bool):
    found = occurring([Pronunciation(word, NOW, ipa="x")], text)
    assert bool(found) is stands


def test_folding_ignores_case_white_space_and_the_encoding_of_accents():
    assert folded("  New \tYORK\n") == "new york"
    assert folded("CAFE\u0301") == "caf\u00e9"


def test_an_entry_has_either_ipa_or_respelling_in_the_task():
    entries = [Pronunciation("a", NOW, ipa="x"), Pronunciation("b", NOW, respelling="bee")]
    assert parameters_of(entries) == [{"word": "a", "ipa": "x"}, {"word": "b", "respelling": "bee"}]
