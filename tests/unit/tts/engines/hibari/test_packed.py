"""Tests the packed texts and their index."""

import pytest

from services.tts.engines.hibari.packed import PackedIndex, PackedTexts

TEXTS = ("cat", "", "kˈæt", "Cat", "ɡ\n𝔾", "a cat")


def test_texts_come_back_from_their_places() -> None:
    packed = PackedTexts(TEXTS)
    assert tuple(packed[place] for place in range(len(TEXTS))) == TEXTS


def test_index_finds_the_place_of_each_text() -> None:
    index = PackedIndex(TEXTS)
    assert [index.find(text) for text in TEXTS] == list(range(len(TEXTS)))


@pytest.mark.parametrize("text", ["ca", "catt", "CAT", "\0", "ɡ"])
def test_index_finds_no_other_text(text: str) -> None:
    assert PackedIndex(TEXTS).find(text) is None
    assert PackedIndex([]).find(text) is None


def test_texts_of_equal_hashes_are_told_apart() -> None:
    index = PackedIndex([_SameHash("one"), _SameHash("two")])
    assert [index.find(_SameHash(text)) for text in ("one", "two", "three")] == [0, 1, None]


def test_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        PackedTexts(["cat", "c\0t"])


class _SameHash(str):
    __slots__ = ()

    def __hash__(self) -> int:
        return 7
