"""Words of the lexicon that occur in a script."""

import sys
from collections.abc import Callable
from random import Random
from types import FrameType
from typing import Any

import pytest

from services.gateway.lexicon.pronunciation import (
    Pronunciation,
    folded,
    is_of_word,
    occurring,
    parameters_of,
)
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
    found = occurring([Pronunciation(word, NOW, ipa="x")], [text])
    assert bool(found[text]) is stands


def test_each_script_has_its_own_words_in_the_order_of_the_lexicon():
    lexicon = [Pronunciation(word, NOW, ipa="x") for word in ("b", "a", "a b", "c")]
    found = occurring(lexicon, ["b, a", "a b", "d"])
    words = {script: [entry.word for entry in entries] for script, entries in found.items()}
    assert words == {"b, a": ["b", "a"], "a b": ["b", "a", "a b"], "d": []}


def test_words_occur_where_a_search_at_every_character_finds_them():
    random = Random(7)
    for _ in range(300):
        words = {"".join(random.choices("ab京_1 ", k=random.randint(1, 5))).strip() for _ in range(6)} - {""}
        lexicon = [Pronunciation(word, NOW, ipa="x") for word in sorted(words)]
        text = "".join(random.choices("ab京_1 ", k=40))
        found = {entry.word for entry in occurring(lexicon, [text])[text]}
        assert found == {word for word in words if stands_in(folded(text), folded(word))}, (text, words)


def stands_in(text: str, word: str) -> bool:
    """Returns whether the word stands somewhere in the text with its ends between words."""
    starts = (start for start in range(len(text)) if text.startswith(word, start))
    return any(parted(text, start) and parted(text, start + len(word)) for start in starts)


def parted(text: str, at: int) -> bool:
    return not (0 < at < len(text) and is_of_word(text[at - 1]) and is_of_word(text[at]))


def prefixes(count: int) -> list[str]:
    return ["a" * length for length in range(1, count)]


def columns(count: int) -> list[str]:
    random = Random(5)
    return ["".join(random.choices("東京", k=12)) for _ in range(count)]


@pytest.mark.parametrize(("words", "letters"), [(prefixes, "a"), (columns, "東京")])
def test_the_search_grows_with_words_and_scripts_and_not_with_their_product(
    words: Callable[[int], list[str]], letters: str
):
    def search(size: int) -> int:
        lexicon = [Pronunciation(word, NOW, ipa="x") for word in words(size)]
        script = "".join(Random(9).choices(letters, k=20 * size))
        return lines_run(lambda: occurring(lexicon, [script]))

    assert search(80) < 2.5 * search(40)


def lines_run(work: Callable[[], object]) -> int:
    """Returns how many lines of Python are run."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    earlier = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(earlier)
    return count


def test_folding_ignores_case_white_space_and_the_encoding_of_accents():
    assert folded("  New \tYORK\n") == "new york"
    assert folded("CAFE\u0301") == "caf\u00e9"


def test_an_entry_has_either_ipa_or_respelling_in_the_task():
    entries = [Pronunciation("a", NOW, ipa="x"), Pronunciation("b", NOW, respelling="bee")]
    assert parameters_of(entries) == [{"word": "a", "ipa": "x"}, {"word": "b", "respelling": "bee"}]
