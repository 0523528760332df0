"""Normalises spans to tokens: numbers, dates, signs and abbreviations get the words for them."""

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from services.tts.normalization.phrases import read_text, say_as
from services.tts.script.spans import Break, Ipa, Manner, Respelled, SayAs, Span, Text
from services.tts.script.tokens import Token
from services.tts.script.writing import UNSPACED, is_bare_punctuation

MAX_TOKEN_CHARACTERS = 100
"""Longest token of a text: a script may be one word of 50,000 letters, and a token is in one piece."""
_WORD_OR_GAP = re.compile(
    rf"(?P<word>[{UNSPACED}]|[^\s—–{UNSPACED}]{{1,{MAX_TOKEN_CHARACTERS}}})|(?P<gap>[\s—–]+)"
)


def normalize(spans: Iterable[Span], language_of: Callable[[str], str]) -> Iterator[Token | Break]:
    """Yields tokens as soon as they are known: a long script starts before it has been read to its end.

    `language_of` gives the BCP 47 tag of a manner's voice, empty if it is not known.
    """
    held: Token | None = None
    for span in spans:
        for part in _parts(span, language_of):
            if isinstance(part, str):
                held = held and replace(held, gap=held.gap + part)
            elif isinstance(part, Token) and held is not None and _is_tail(part, held):
                held = replace(held, tail=held.tail + part.spoken)
            else:
                if held is not None:
                    yield held
                held = part if isinstance(part, Token) else None
                if isinstance(part, Break):
                    yield part
    if held is not None:
        yield held


def _is_tail(part: Token, held: Token) -> bool:
    """Returns whether a token is punctuation behind another one, which has room for it."""
    if held.gap or len(held.tail) >= MAX_TOKEN_CHARACTERS or part.spoken != part.shown:
        return False
    return is_bare_punctuation(part.shown)


def normalize_plain(text: str, language: str = "") -> tuple[Token, ...]:
    """Returns the tokens of a text without markup; `language` is a BCP 47 tag."""
    return tuple(token for token in normalize((Text(text),), lambda _: language) if isinstance(token, Token))


def _parts(span: Span, language_of: Callable[[str], str]) -> Iterator[Token | Break | str]:
    """Yields tokens and breaks, and as strings the gaps between them."""
    if isinstance(span, Break):
        yield span
    elif span.reading is not None:
        yield from _whole(span, language_of(span.manner.voice))
    else:
        for written, spoken in read_text(span.text, language_of(span.manner.voice)):
            yield from _words(written, span.manner) if spoken is None else _one(written, spoken, span.manner)


def _whole(span: Text, language: str) -> Iterator[Token | str]:
    match span.reading:
        case Ipa(phonemes):
            yield from _one(span.text, span.text, span.manner, phonemes)
        case Respelled(spoken):
            yield from _one(span.text, _read_again(spoken, language), span.manner)
        case SayAs() as how:
            yield from _one(span.text, say_as(how, span.text.strip(), language), span.manner)
        case None:
            pass


@functools.lru_cache(maxsize=1024)
def _read_again(spoken: str, language: str) -> str:
    """Returns the words for a respelling. A word of the lexicon may be in a script thousands of times."""
    return "".join(said or written for written, said in read_text(spoken, language))


def _one(written: str, spoken: str, manner: Manner, ipa: str = "") -> Iterator[Token | str]:
    """Yields one token; spaces around its words separate it from others that are written close to it."""
    shown = written.strip()
    start = written.find(shown)
    yield written[:start] or spoken[: len(spoken) - len(spoken.lstrip())]
    if shown:
        yield Token(shown, spoken.strip(), manner, ipa=ipa)
        yield written[start + len(shown) :] or spoken[len(spoken.rstrip()) :]


def _words(text: str, manner: Manner) -> Iterator[Token | str]:
    for match in _WORD_OR_GAP.finditer(text):
        yield Token(match["word"], match["word"], manner) if match["word"] else match["gap"]
