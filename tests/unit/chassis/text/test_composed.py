"""Texts are composed as `unicodedata` does, without its worst case."""

import unicodedata
from random import Random

import pytest

from services.chassis.text.composed import MAX_PIECE, composed, pieces_of

ACCENTS = "\u0316\u0301"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cafe\u0301",
        "a" * 1000,
        "cafe\u0301 " * 300,
        "\u1100\u1161\u11a8 " * 300,
        "\u6771\u4eac" * 300,
        f"a{ACCENTS * 100} b",
        f"{'x' * (MAX_PIECE - 1)}e\u0301",
        f"{'x' * MAX_PIECE}\u0301",
        "\n".join(["e\u0301"] * 400),
    ],
)
def test_a_text_is_in_nfc(text: str) -> None:
    assert composed(text) == unicodedata.normalize("NFC", text)


def test_random_texts_are_in_nfc() -> None:
    random = Random(3)
    for _ in range(200):
        text = "".join(random.choices("ae .\u0301\u0316\u0323\u1100\u1161\u00e9\u6771", k=1000))
        assert composed(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", [f"a{ACCENTS * 25_000}", "\u6771" * 50_000, f"e{ACCENTS * 300} " * 80])
def test_no_piece_is_long_and_nothing_is_lost(text: str) -> None:
    pieces = pieces_of(text)
    assert max(map(len, pieces)) <= MAX_PIECE
    assert "".join(pieces) == text
