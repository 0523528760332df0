"""A rule says how one kind of stretch is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.tts.normalization.language import Language

Said = str | Mapping[str, str] | None
"""For the whole stretch, or for its groups by name; None where the rule does not hold after all."""

START = r"(?<!\w)(?<!\w[.,:/\-])"
"""Not within a word, a version, a file name…"""
END = r"(?!\w)(?![.,:/\-]\d)"


NEAR_CHARACTERS = 30


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], Said]


def rule(pattern: str, say: Callable[[re.Match[str]], Said]) -> Rule:
    return Rule(re.compile(pattern), say)


def text_before(match: re.Match[str]) -> str:
    """What stands near in front of it, without the white space between."""
    return match.string[max(0, match.start() - NEAR_CHARACTERS) : match.start()].rstrip()


def number_pattern(language: Language) -> str:
    """Digits with groups and decimals as the language's locale writes them."""
    groups = re.escape(language.group_signs)
    decimals = rf"{re.escape(language.decimal_sign)}\d{{1,20}}"
    return rf"(?:\d{{1,3}}(?:[{groups}]\d{{3}}){{1,5}}(?!\d)|\d{{1,20}})(?:{decimals})?"


def amount_pattern(language: Language) -> str:
    """A number or a range of two, as the groups `sign`, `low` and `high`."""
    number = number_pattern(language)
    return rf"(?P<sign>[-−+])?(?P<low>{number})(?:\s?[–-]\s?(?P<high>{number}))?"


def say_amount(language: Language, match: re.Match[str]) -> str | None:
    low = language.number((match["sign"] or "").replace("+", "") + match["low"])
    high = language.number(match["high"]) if match["high"] else None
    if low is None or (match["high"] and high is None):
        return None
    said = f"{low} {language.to} {high}" if high else low
    return f"{language.vocabulary.signs['+']} {said}" if match["sign"] == "+" else said


def last_number(match: re.Match[str]) -> str:
    return match["high"] or match["low"]
