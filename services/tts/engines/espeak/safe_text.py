"""Rewrites text with which espeak-ng would overflow its buffers, or which it would take for commands.

The limits were found with a build of espeak-ng 1.52 that has AddressSanitizer.
"""

import re
import unicodedata
from collections.abc import Sequence

from services.tts.script.writing import is_unspaced

MAX_WORD_BYTES = 120
"""Longest word in UTF-8. The library copies words of up to 160 bytes, and appends to some of them."""
MAX_DOTTED_LETTERS = 16
"""Most letters of an abbreviation such as "a.b.c.", of up to 4 bytes each: the library has 80 bytes."""
MAX_PHONEMES = 60
"""Most phonemes between [[ and ]]. The library has 200 bytes, and a stressed vowel takes two."""
MAX_CLAUSE_WORDS = 250
"""Most words between two pauses: the library has room for 300, and marks some that come later."""
MAX_CONSONANTS = 12
"""Most consonants in a row: the library spells them, and of 20 it leaves out the end."""
_REPLACED = {"[": "(", "Ⓜ": "M", "ⓜ": "m"}
"""The circled letter has a name in Amharic for which the library has no room."""
_PAUSE = re.compile(r"""[,;:!?，、；：！？。…][^\w\s]*\s*$""")
_CONSONANT = "[b-df-hj-np-tv-xzB-DF-HJ-NP-TV-XZ]"
_CONSONANTS = re.compile(rf"{_CONSONANT}{{{MAX_CONSONANTS}}}(?={_CONSONANT})")
_DOTTED = re.compile(rf"(?:[^\s\d.'][.'\s]+){{{MAX_DOTTED_LETTERS}}}")


def without_commands(text: str) -> str:
    """Returns the text, as long as before, without what begins a command of the library.

    That is a control character, and `[[`. Brackets become parentheses, which sound the same. Half of a
    surrogate pair has no UTF-8.
    """
    return text if text.isalpha() else "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character in _REPLACED:
        return _REPLACED[character]
    return " " if unicodedata.category(character) in ("Cc", "Cs") and not character.isspace() else character


class ShortWords:
    """Puts a space into words that are too long for the library. Takes a text in parts, in order."""

    def __init__(self) -> None:
        self._bytes = 0
        """Length of the word at the end of the last part."""

    def cut(self, part: str) -> str:
        """Returns the part, with spaces where a word becomes too long."""
        if self._bytes + len(part.encode()) > MAX_WORD_BYTES:
            return "".join(map(self._follow, part))
        self._bytes = 0 if part[-1:].isspace() else self._bytes + len(part.encode())
        return part

    def end_word(self) -> None:
        self._bytes = 0

    def _follow(self, character: str) -> str:
        """Returns the character, after a space if its word is full."""
        size = len(character.encode())
        full = self._bytes + size > MAX_WORD_BYTES
        self._bytes = 0 if character.isspace() else size if full else self._bytes + size
        return f" {character}" if full else character


class ShortClauses:
    """Puts a comma where a text has too many words without a pause. Takes it in parts, in order."""

    def __init__(self) -> None:
        self._words = 0
        self._kind = " "

    def limit(self, part: str) -> str:
        """Returns the part, with a comma where there are too many words."""
        limited = "".join(map(self._follow, part))
        if _PAUSE.search(part):
            self._words = 0
        return limited

    def _follow(self, character: str) -> str:
        """Returns the character, after a comma if it begins a word and there are enough words."""
        kind, last = _kind_of(character), self._kind
        self._kind = kind
        if kind == " " or (kind == last and kind != "sign"):
            return character
        return self.begin_word() + character

    def begin_word(self) -> str:
        """Returns what comes before the next word: nothing, or a comma."""
        self._words += 1
        if self._words <= MAX_CLAUSE_WORDS:
            return ""
        self._words = 1
        return ", "


def _kind_of(character: str) -> str:
    """Returns the kind of a character: the library begins a word where it changes, and at every sign."""
    if character.isspace():
        return " "
    if character.isdecimal():
        return "digit"
    if not character.isalpha() or is_unspaced(character):
        return "sign"
    return ("upper" if character.isupper() else "lower") + str(character.isascii())


class SafeText:
    """Makes the parts of a script safe for the library, in order."""

    def __init__(self) -> None:
        self._words, self._clauses = ShortWords(), ShortClauses()

    def text(self, part: str) -> str:
        """Returns a part that is text of a user."""
        sayable = _CONSONANTS.sub(r"\g<0> ", without_commands(part))
        return self._clauses.limit(self._words.cut(sayable))

    def phonemes(self, names: str) -> str:
        """Returns a part that is names of phonemes."""
        self._words.end_word()
        return f"{self._clauses.begin_word()}[[{names}]]"


def with_short_abbreviations(text: str) -> str:
    """Returns the text, as long as before, in which no long row of single letters has a full stop after
    each."""
    return _DOTTED.sub(_without_last_stop, text)


def _without_last_stop(match: re.Match[str]) -> str:
    return match[0].rstrip(".' \t\n").ljust(len(match[0]))


def grouped(phonemes: Sequence[str]) -> list[Sequence[str]]:
    """Returns the phonemes in groups that are short enough for the library."""
    return [phonemes[start : start + MAX_PHONEMES] for start in range(0, len(phonemes), MAX_PHONEMES)]
