"""Finds the lexicon's words in a script. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.text.composed import composed
from services.gateway.lexicon.word_finder import WordFinder


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """The pronunciation of a word, or of a few that stand together: in IPA, or respelled; the other one is
    empty."""

    word: str
    updated_at: datetime
    ipa: str = ""
    respelling: str = ""


Occurrences = Mapping[str, Sequence[Pronunciation]]
"""The entries that occur in each script; a script without any may be left out."""


def spelled(text: str) -> str:
    """Returns the text as it is stored and spoken: in NFC, with white space as single spaces."""
    return " ".join(composed(text).split())


def folded(text: str) -> str:
    """Returns the key of the text in the lexicon: case, and the encoding of accents and spaces, do not
    matter."""
    return spelled(text).lower()


def occurring(lexicon: Sequence[Pronunciation], scripts: Iterable[str]) -> Occurrences:
    """Returns for each script the entries whose word is in it, so that its stage depends on no others."""
    if not lexicon:
        return {}
    finder = WordFinder([tokens_of(folded(entry.word)) for entry in lexicon])
    return {
        script: tuple(lexicon[number] for number in sorted(finder.numbers_in(tokens_of(folded(script)))))
        for script in scripts
    }


def tokens_of(text: str) -> list[str]:
    """Returns the words of the text, and each character between them by itself.

    In scripts without capitals each character stands by itself: some of them are written without spaces, and
    a word may end anywhere.
    """
    apart = {ord(character): f"\0{character}\0" for character in set(text) if not is_of_word(character)}
    return [token for token in text.translate(apart).split("\0") if token]


def is_of_word(character: str) -> bool:
    """Returns whether the character and a neighbour of its kind belong to one word."""
    return character.lower() != character.upper() or character.isdecimal() or character == "_"


def parameters_of(lexicon: Sequence[Pronunciation]) -> list[dict[str, str]]:
    """Returns the entries as the TTS service's task has them, in JSON."""
    return [
        {"word": entry.word, "ipa": entry.ipa}
        if entry.ipa
        else {"word": entry.word, "respelling": entry.respelling}
        for entry in lexicon
    ]
