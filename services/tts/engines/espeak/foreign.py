"""Keeps letters that a voice has no words for from spoiling their sentence.

espeak-ng says each of them with the name of its writing system: "Chinese letter Chinese letter". Letters
of alphabets get their own names alone, kana their sound, and Chinese characters are left out.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from services.chassis.text.writing_systems import systems_of
from services.tts.script.tokens import Token


def readable(tokens: Sequence[Token], language: str) -> Sequence[Token]:
    """Returns the tokens with what a voice of the language can say of foreign letters.

    A text without any letter of its own is not changed. `language` is a BCP 47 tag.
    """
    if all(token.spoken.isascii() for token in tokens) or not _has_own(tokens, language):
        return tokens
    return [token if token.ipa else replace(token, spoken=_said(token.spoken, language)) for token in tokens]


def _has_own(tokens: Sequence[Token], language: str) -> bool:
    return any(
        character.isalpha() and not _foreign_system(language, character)
        for token in tokens
        for character in token.spoken
    )


def _said(text: str, language: str) -> str:
    if text.isascii():
        return text
    said = ""
    for system, group in groupby(text, lambda character: _foreign_system(language, character)):
        letters = "".join(group)
        part = _SAID[system](letters) if system in _SAID else letters
        touches = said[-1:].isalnum() and part[:1].isalnum()
        said += f" {part}" if touches else part
    return said


@lru_cache(maxsize=4096)
def _foreign_system(language: str, character: str) -> str:
    """Returns the writing system of a letter or of its mark, if a language is not written with it.

    Empty for Latin letters, which all voices know, for signs, and for tags whose system is not known.
    """
    if unicodedata.category(character)[0] not in "LM":
        return ""
    system = re.split("[ -]", unicodedata.name(character, ""), maxsplit=1)[0]
    systems = systems_of(language)
    return "" if not systems or system in (*systems, "LATIN") else system


def _names(letters: str) -> str:
    return " ".join(filter(None, map(_name, letters)))


def _sounds(letters: str) -> str:
    return "".join(_name(letter).split(" ")[-1] for letter in letters)


def _nothing(letters: str) -> str:
    return ""


def _name(letter: str) -> str:
    """Returns the name of a letter, as "shin"; nothing for the marks around letters."""
    _, _, name = unicodedata.name(letter, "").partition(" LETTER ")
    return name.partition(" WITH ")[0].lower()


_SAID: Mapping[str, Callable[[str], str]] = {
    "CYRILLIC": _names,
    "HEBREW": _names,
    "ARABIC": _names,
    "HIRAGANA": _sounds,
    "KATAKANA": _sounds,
    "CJK": _nothing,
}
"""What is said of the letters of writing systems. The library reads the others with a voice of its own."""
