"""Composes texts to NFC in linear time."""

import re
import unicodedata
from collections.abc import Sequence

MAX_PIECE = 256
"""Longest piece that is composed at once. The composition of accents that follow each other takes the square
of their number: a minute for some scripts of nothing else."""
_PIECE = re.compile(rf".{{1,{MAX_PIECE}}}(?=[\x00-\x7f]|\Z)|.{{1,{MAX_PIECE}}}", re.DOTALL)


def composed(text: str) -> str:
    """Returns the text in NFC.

    It is composed in pieces that end before an ASCII character, which no character before it changes. Only a
    text that has none for `MAX_PIECE` characters is cut between others.
    """
    if len(text) <= MAX_PIECE:
        return unicodedata.normalize("NFC", text)
    return "".join(unicodedata.normalize("NFC", piece) for piece in pieces_of(text))


def pieces_of(text: str) -> Sequence[str]:
    """Returns the pieces of the text that are composed one by one."""
    return (text,) if text.isascii() else _PIECE.findall(text)
