"""How words are said, and which of them a script needs. Pure."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """Of a word, or of a few that stand together: in IPA, or respelled; the other one is empty."""

    word: str
    updated_at: datetime
    ipa: str = ""
    respelling: str = ""


def spelled(text: str) -> str:
    """As it is kept, and spoken: an accent is part of its letter (NFC), and white space is one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """What is the same in it for the lexicon: neither case nor how accents and spaces are written."""
    return spelled(text).lower()


def occurring(lexicon: Iterable[Pronunciation], text: str) -> tuple[Pronunciation, ...]:
    """Those of the words that stand in the text, so that a script's stage depends on no others."""
    text = folded(text)
    return tuple(entry for entry in lexicon if stands_in(folded(entry.word), text))


def stands_in(word: str, text: str) -> bool:
    """Whether the word is there, and not only as a part of another one."""
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if not (goes_on(text[:start][-1:], word[0]) or goes_on(word[-1], text[end : end + 1])):
            return True
        start = text.find(word, start + 1)
    return False


def goes_on(left: str, right: str) -> bool:
    """Whether a word goes on between the two. In scripts without capitals one may end anywhere: some of them
    are written without spaces."""
    return all(
        each and (each.lower() != each.upper() or each.isdecimal() or each == "_") for each in (left, right)
    )


def parameters_of(lexicon: Sequence[Pronunciation]) -> list[dict[str, str]]:
    """As the TTS service's task has them, in JSON."""
    return [
        {"word": entry.word, "ipa": entry.ipa}
        if entry.ipa
        else {"word": entry.word, "respelling": entry.respelling}
        for entry in lexicon
    ]
