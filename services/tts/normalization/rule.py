"""Rules of normalisation: a pattern, and the words for what it matches."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.tts.normalization.language import NEAR_CHARACTERS, Language

Said = str | Mapping[str, str] | None
"""The words for the whole match, or for its groups by name; `None` if the rule does not apply after all."""

START = r"(?<!\w)(?<!\w[.,:/\-])"
"""Pattern of a start that is not within a word, a version, a file name…"""
END = r"(?!\w)(?![.,:/\-]\d)"


RANGE = r"\s?[–—-]\s?"
"""Pattern of the dash between the ends of a range."""
_GROUP_NAME = re.compile(r"\?P<\w+>")


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], Said]


def rule(pattern: str, say: Callable[[re.Match[str]], Said]) -> Rule:
    return Rule(re.compile(pattern), say)


def unnamed(pattern: str) -> str:
    """Returns the pattern without names of groups, so that it can stand in another one several times."""
    return _GROUP_NAME.sub("?:", pattern)


def text_before(match: re.Match[str]) -> str:
    """Returns the text shortly before the match, without the white space between them."""
    return match.string[max(0, match.start() - NEAR_CHARACTERS) : match.start()].rstrip()


def number_pattern(language: Language) -> str:
    """Returns the pattern of digits with groups and decimals as the language's locale writes them."""
    groups = re.escape(language.group_signs)
    decimals = rf"{re.escape(language.decimal_sign)}\d{{1,20}}"
    whole = rf"(?:\d{{1,3}}(?:[{groups}]\d{{3}}){{1,5}}(?!\d)|\d{{1,20}})"
    return rf"(?:{whole}(?:{decimals})?|(?<![.,]){decimals})"


def amount_pattern(language: Language) -> str:
    """Returns the pattern of a number or a range of two, as the groups `sign`, `low` and `high`."""
    number = number_pattern(language)
    return rf"(?P<sign>[-−+])?(?P<low>{number})(?:{RANGE}(?P<high>{number}))?"


def say_amount(language: Language, match: re.Match[str]) -> str | None:
    low = language.number((match["sign"] or "").replace("+", "") + match["low"])
    high = language.number(match["high"]) if match["high"] else None
    if low is None or (match["high"] and high is None):
        return None
    said = f"{low} {language.to} {high}" if high else low
    return f"{language.vocabulary.signs['+']} {said}" if match["sign"] == "+" else said


def last_number(match: re.Match[str]) -> str:
    return match["high"] or match["low"]
