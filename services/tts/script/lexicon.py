"""Applies the pronunciations of a workspace's lexicon to a script."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.chassis.errors import InvalidArgument
from services.chassis.text.quoted import quoted
from services.tts.script.phonetics import checked_ipa
from services.tts.script.spans import Ipa, Reading, Respelled, Span, Text
from services.tts.script.writing import is_unspaced


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """A pronunciation of `word`: one or several whole words; case and kind of spaces are ignored."""

    word: str
    reading: Ipa | Respelled


def pronunciation(word: str, ipa: str = "", respelling: str = "") -> Pronunciation:
    """Returns a checked pronunciation.

    Raises `InvalidArgument` unless there are a word and exactly one way to say it.
    """
    if not word.strip():
        raise InvalidArgument("The lexicon has an entry without a word.")
    if bool(ipa.strip()) == bool(respelling.strip()):
        raise InvalidArgument(f"The lexicon's entry for {quoted(word)} needs either an IPA or a respelling.")
    return Pronunciation(word, Ipa(checked_ipa(ipa)) if ipa.strip() else Respelled(respelling.strip()))


def apply_lexicon(spans: Iterable[Span], lexicon: Iterable[Pronunciation]) -> Iterator[Span]:
    """Yields the spans with the words of the lexicon separated; the longest match is taken.

    Text for which the script itself gives a reading is not changed.
    """
    entries = {_folded(entry.word): entry.reading for entry in lexicon}
    for span in spans:
        if isinstance(span, Text) and span.reading is None and entries:
            yield from _apart(span, entries)
        else:
            yield span


def _apart(span: Text, entries: dict[str, Ipa | Respelled]) -> Iterator[Text]:
    folded = _folded(span.text)
    present = sorted((word for word in entries if word in folded), key=len, reverse=True)
    done = 0
    for match in re.finditer("|".join(map(_pattern, present)), span.text, re.IGNORECASE) if present else ():
        if match.start() > done:
            yield Text(span.text[done : match.start()], span.manner)
        reading: Reading | None = entries.get(_folded(match[0]))
        yield Text(match[0], span.manner, reading)
        done = match.end()
    if done < len(span.text):
        yield Text(span.text[done:], span.manner)


def _pattern(word: str) -> str:
    """Returns the pattern of a word; in a writing system without spaces it matches anywhere."""
    spaced = r"\s+".join(map(re.escape, word.split(" ")))
    before = r"(?<!\w)" if _has_boundary(word[0]) else ""
    after = r"(?!\w)" if _has_boundary(word[-1]) else ""
    return before + spaced + after


def _has_boundary(character: str) -> bool:
    return (character.isalnum() or character == "_") and not is_unspaced(character)


def _folded(text: str) -> str:
    return " ".join(text.split()).lower()
