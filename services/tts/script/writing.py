"""Classifies letters, words and punctuation of the world's writing systems."""

import re
import unicodedata

# Thai, Lao, Tibetan, Burmese, Khmer, kana and Han put no space between words.
UNSPACED = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
)
_UNSPACED_SIGN = re.compile(f"[{UNSPACED}]")
_CONTROLS = ("Cc", "Cs")
_SPOKEN_SIGNS = frozenset("&%@#§")


def is_unspaced(character: str) -> bool:
    return _UNSPACED_SIGN.match(character) is not None


def without_controls(text: str) -> str:
    """Replaces control characters other than white space, and halves of surrogate pairs, with spaces.

    Some control characters are commands of an engine, and half of a pair has no UTF-8.
    """
    return "".join(" " if unicodedata.category(c) in _CONTROLS and not c.isspace() else c for c in text)


def without_outer_punctuation(token: str) -> str:
    """Returns the token as the timeline shows it; an abbreviation keeps its full stop."""
    start, end = 0, len(token)
    while start < end and _is_punctuation(token[start]):
        start += 1
    while end > start and _is_punctuation(token[end - 1]):
        end -= 1
    abbreviation = "." in token[start:end] and token[end : end + 1] == "."
    return token[start : end + 1] if abbreviation else token[start:end]


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character).startswith("P") and character not in _SPOKEN_SIGNS


def is_bare_punctuation(token: str) -> bool:
    return all(map(_is_punctuation, token))
