"""Marks of words, spaces and punctuation, each with the token that it belongs to."""

from collections.abc import Sequence

import pytest

from services.tts.engines.kokoro.pronunciation.writer import Word, write_marks
from services.tts.script.tokens import Token

KNOWN = {sign: number for number, sign in enumerate(' ;:,.!?—…"()“”abcdeˈ')}


def written(tokens: tuple[Token, ...], *words: list[Word]) -> tuple[str, str]:
    """Returns the signs, and the tokens that they belong to."""
    sounds = dict[int, Sequence[Word]](enumerate(words))
    marks = write_marks(tokens, range(len(tokens)), sounds, KNOWN)
    return "".join(mark.sign for mark in marks), "".join(str(mark.token) for mark in marks)


@pytest.mark.parametrize(
    ("tokens", "words", "signs", "owners"),
    [
        (
            (Token("A", "A", tail=",", gap=" "), Token("b", "b", tail="!")),
            ([Word("ˈa")], [Word("b")]),
            "ˈa, b!",
            "000111",
        ),
        ((Token("一", "一"), Token("二", "二", tail="。")), ([Word("a")], [Word("b", True)]), "ab.", "011"),
        ((Token("42", "42"),), ([Word("ab"), Word("c")],), "ab c", "0000"),
        ((Token("¿«A»?", "¿«A»?"), Token("b", "b")), ([Word("a")], [Word("b")]), "“a”? b", "000011"),
        ((Token("a", "a", gap=" – "), Token("b", "b")), ([Word("a")], [Word("b")]), "a— b", "0011"),
        ((Token("a", "a"), Token("、3", "、3")), ([Word("a")], [Word("b")]), "a, b", "0111"),
        ((Token("a", "a"), Token("(b)", "(b)")), ([Word("a")], [Word("b")]), "a (b)", "01111"),
        ((Token("a", "a"), Token("b", "b")), ([Word("aχ")], [Word("χ")]), "a", "0"),
        ((Token("...", "..."),), ([Word("")],), "", ""),
    ],
    ids=["clause", "joined", "two-words", "quotes", "dash", "sign-before", "brackets", "unknown", "silent"],
)
def test_words_are_written_with_what_stands_between_them(
    tokens: tuple[Token, ...], words: tuple[list[Word], ...], signs: str, owners: str
) -> None:
    assert written(tokens, *words) == (signs, owners)
