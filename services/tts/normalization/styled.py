"""Reads letters and digits that are written in another style as what they are: 𝓗 as H, Ｗ as W."""

import functools
import unicodedata
from collections.abc import Mapping

_STYLES = ("<font>", "<wide>", "<circle>")
_BLOCKS = ((0x2100, 0x214F), (0x2460, 0x24FF), (0xFB00, 0xFB4F), (0xFF00, 0xFFEF), (0x1D400, 0x1D7FF))
"""The blocks of Unicode that have such characters, with their ends."""


@functools.cache
def styles() -> Mapping[int, str]:
    """Returns the plain character of each styled letter or digit, one for one, for `str.translate`."""
    return {
        point: plain
        for first, last in _BLOCKS
        for point in range(first, last + 1)
        if unicodedata.decomposition(chr(point)).startswith(_STYLES) and (plain := _plain(chr(point)))
    }


def _plain(character: str) -> str:
    """Returns the plain character; nothing for signs, and for digits in circles, which count something."""
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 and (plain.isalpha() or character.isdecimal()) else ""
