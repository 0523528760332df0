"""Finds the parts of a text that are not said as they are written, and says them."""

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence

from services.tts.normalization.addresses import address_rules, say_phone
from services.tts.normalization.dates import date_rules, say_date
from services.tts.normalization.emojis import emoji_rules
from services.tts.normalization.language import MAX_DIGITS, Language
from services.tts.normalization.languages import find_language
from services.tts.normalization.names import name_rules
from services.tts.normalization.quantities import quantity_rules
from services.tts.normalization.rule import Rule, Said, unnamed
from services.tts.normalization.styled import styles
from services.tts.normalization.times import time_rules
from services.tts.script.spans import Kind, SayAs

Stretch = tuple[str, str | None]
"""The written text and the words for it; `None` if it is said as written."""
_WORD = re.compile(r"\S+|\s+")
_GROUP_AGAIN = re.compile(r"\(\?P=\w+\)")


def read_text(text: str, language: str) -> Iterator[Stretch]:
    """Yields the text in parts, in order.

    If its language is not supported, only emoji and letters in another style are said otherwise.
    """
    plain = text if text.isascii() else text.translate(styles())
    position = 0
    for written, spoken in _grammar(language).read(plain):
        own = text[position : position + len(written)]
        position += len(written)
        if spoken is None and own != written:
            yield from _restyled(own, written)
        else:
            yield own, spoken


def _restyled(text: str, plain: str) -> Iterator[Stretch]:
    """Yields the words of a text, with the plain form of those that are written in another style."""
    for match in _WORD.finditer(text):
        said = plain[match.start() : match.end()]
        yield match[0], said if said != match[0] else None


def say_as(how: SayAs, text: str, language: str) -> str:
    """Returns the words of a text that is marked as `how`; if it is no such thing, it is read as usual."""
    found = find_language(language)
    if how.kind is Kind.CHARACTERS:
        return " ".join(_character(sign, found) for sign in text if not sign.isspace())
    said = _say(how, text, found) if found else None
    return said or "".join(spoken or written for written, spoken in read_text(text, language))


class Grammar:
    def __init__(self, rules: Sequence[Rule]) -> None:
        """Takes the first rule where several match."""
        self._rules = rules
        self._any = re.compile("|".join(f"(?:{_without_groups(rule.pattern.pattern)})" for rule in rules))

    def read(self, text: str) -> Iterator[Stretch]:
        done = position = 0
        while found := self._any.search(text, position):
            position = found.start()
            match, said = self._say(text, position)
            if match is None:
                position += 1
                continue
            yield text[done:position], None
            yield from _parts(match, said)
            done = position = match.end()
        yield text[done:], None

    def _say(self, text: str, position: int) -> tuple[re.Match[str] | None, Said]:
        for rule in self._rules:
            match = rule.pattern.match(text, position)
            if match and match.end() > position and (said := rule.say(match)) is not None:
                return match, said
        return None, None


def _parts(match: re.Match[str], said: Said) -> Iterator[Stretch]:
    if said is None or isinstance(said, str):
        yield match[0], said
        return
    done = match.start()
    for name in sorted(said, key=match.start):
        yield match.string[done : match.start(name)], None
        yield match[name], said[name] if said[name] != match[name] else None
        done = match.end(name)
    yield match.string[done : match.end()], None


@functools.cache
def _grammar(tag: str) -> Grammar:
    language = find_language(tag)
    always = list(emoji_rules(tag, language))
    if language is None:
        return Grammar(always)
    kinds = (address_rules, date_rules, time_rules, quantity_rules, name_rules)
    return Grammar([*always, *(rule for rules in kinds for rule in rules(language))])


def _without_groups(pattern: str) -> str:
    """Returns the pattern without names of groups, so that it can be combined with others.

    It may match where the original does not.
    """
    return _GROUP_AGAIN.sub(".?", unnamed(pattern))


def _say(how: SayAs, text: str, language: Language) -> str | None:
    digits = re.sub(r"\D", "", text)
    match how.kind:
        case Kind.CARDINAL:
            return language.number(text)
        case Kind.ORDINAL:
            return language.ordinal(int(digits)) if 0 < len(digits) <= MAX_DIGITS else None
        case Kind.TELEPHONE:
            return say_phone(language, text) if digits else None
        case Kind.DATE:
            return say_date(language, text, how.order)
        case _:
            return None


def _character(sign: str, language: Language | None) -> str:
    if sign.isalpha():
        return sign.upper() if len(sign.upper()) == 1 else sign
    if sign.isdecimal() and language is not None:
        return language.digits(sign)
    known = language.vocabulary.signs.get(sign) if language is not None else None
    return known or unicodedata.name(sign, sign).lower()
