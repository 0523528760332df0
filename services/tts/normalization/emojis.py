"""Says emoji by their names in the language of the voice."""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import cast

import emoji

from services.tts.normalization.language import Language
from services.tts.normalization.rule import Rule, Said, rule

MAX_EMOJI = 500
"""Most emoji in a row that are one word."""
_DATA = cast(Mapping[str, Mapping[str, str]], emoji.EMOJI_DATA)
_NAMED_LANGUAGES = frozenset(cast(Sequence[str], emoji.LANGUAGES))
_JOINER, _KEYCAP = "\u200d", "\u20e3"
_VARIANTS = "\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"
"""Selectors of a variation, and the tones of skin: their names are left out."""
_VARIANT = re.compile(f"[{_VARIANTS}]")
_FIRST = "\u2190-\u23ff\u2600-\u2bff\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
"""Characters among which emoji are; letters, digits and squares have a meaning of their own."""


def emoji_rules(tag: str, language: Language | None) -> Iterator[Rule]:
    """Yields the rule for emoji, whose signs for numbers need a `language` too. `tag` is a BCP 47 tag."""
    base = tag.split("-")[0].lower()
    known = base if base in _NAMED_LANGUAGES else ""
    if known:
        emoji.config.load_language(known)
    alone = "".join(sorted({first for first in map(_first, _DATA) if re.match(f"[{_FIRST}]", first)}))
    piece = rf"[{alone}][{_VARIANTS}]*"
    one = rf"(?:[\U0001f1e6-\U0001f1ff]{{2}}|{piece}(?:{_JOINER}{piece})*)"
    yield rule(rf"{one}(?:[ ]?{one}){{0,{MAX_EMOJI - 1}}}", functools.partial(_say, known, re.compile(one)))
    if language is not None:
        yield rule(rf"(?P<n>\d)\ufe0f?{_KEYCAP}", lambda m: _apart(m, language.cardinal(int(m["n"]))))


def _first(sequence: str) -> str:
    return sequence[0]


def _say(language: str, one: re.Pattern[str], match: re.Match[str]) -> Said:
    """Says each emoji once that is repeated; one without a name is left to the engine."""
    names = [name for name, _ in groupby(_name(language, written) for written in one.findall(match[0]))]
    return _apart(match, ", ".join(names))


def _apart(match: re.Match[str], said: str) -> str:
    """Returns the words with a space where the match touches another word."""
    start, end = match.span()
    before, after = match.string[max(0, start - 1) : start], match.string[end : end + 1]
    return f"{' ' * before.isalnum()}{said}{' ' * after.isalnum()}"


def _name(language: str, written: str) -> str:
    bare = _VARIANT.sub("", written)
    found = _DATA.get(bare) or _DATA.get(f"{bare}\ufe0f") or _DATA.get(written) or {}
    name = found.get(language) if language else None
    return name.strip(":").replace("_", " ") if name else bare
