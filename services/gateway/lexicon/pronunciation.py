"""Finds the lexicon's words in a script. Pure."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """The pronunciation of a word, or of a few that stand together: in IPA, or respelled; the other one is
    empty."""

    word: str
    updated_at: datetime
    ipa: str = ""
    respelling: str = ""


def spelled(text: str) -> str:
    """Returns the text as it is stored and spoken: in NFC, with white space as single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """Returns the key of the text in the lexicon: case, and the encoding of accents and spaces, do not
    matter."""
    return spelled(text).lower()


def occurring(lexicon: Iterable[Pronunciation], text: str) -> tuple[Pronunciation, ...]:
    """Returns the entries whose word is in the text, so that a script's stage depends on no others."""
    text = folded(text)
    return tuple(entry for entry in lexicon if contains_word(text, folded(entry.word)))


def contains_word(text: str, word: str) -> bool:
    """Returns whether the word is in the text, and not only as a part of another word."""
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if not (is_inside_word(text[:start][-1:], word[0]) or is_inside_word(word[-1], text[end : end + 1])):
            return True
        start = text.find(word, start + 1)
    return False


def is_inside_word(left: str, right: str) -> bool:
    """Returns whether the two neighbouring characters belong to one word.

    In scripts without capitals a word may end anywhere: some of them are written without spaces.
    """
    return all(
        each and (each.lower() != each.upper() or each.isdecimal() or each == "_") for each in (left, right)
    )


def parameters_of(lexicon: Sequence[Pronunciation]) -> list[dict[str, str]]:
    """Returns the entries as the TTS service's task has them, in JSON."""
    return [
        {"word": entry.word, "ipa": entry.ipa}
        if entry.ipa
        else {"word": entry.word, "respelling": entry.respelling}
        for entry in lexicon
    ]
