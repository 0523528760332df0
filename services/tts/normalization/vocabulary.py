"""Loads the words of a language from its TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "languages"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    signs: Mapping[str, str]
    """Words of signs that stand alone, and of those in addresses."""
    abbreviations: Mapping[str, str]
    """Words of abbreviations, which are written with their full stops."""
    closing: frozenset[str]
    """Abbreviations whose full stop may end a sentence as well."""
    money: Mapping[str, tuple[str, str, str, str]]
    """Singular and plural of a currency and of its hundredth, by code; empty where it has no hundredth."""
    fractions: Mapping[int, tuple[str, str]]
    """Singular and plural of a half, a third…"""
    feminine: frozenset[str]
    """Nouns before which numbers are feminine."""
    counted: frozenset[str]
    """Words, in lower case, after which a Roman numeral is a number."""
    regnal: frozenset[str]
    """Names after which a Roman numeral is the ordinal of a ruler."""
    queens: frozenset[str]
    """Those of them that are women's."""
    before_times: frozenset[str]
    """Words, in lower case, after which a time is one of the day and no duration."""
    before_dates: frozenset[str]
    """Words, in lower case, after which two numbers with a slash between them are a date."""


def load_vocabulary(language: str) -> Vocabulary:
    """Returns the vocabulary of an ISO 639 code."""
    told = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return Vocabulary(
        signs=told["signs"],
        abbreviations=told["abbreviations"],
        closing=frozenset(told["closing"].split()),
        money={code: tuple(names) for code, names in told["money"].items()},
        fractions={int(below): tuple(names) for below, names in told["fractions"].items()},
        feminine=frozenset(told["feminine"].split()),
        counted=frozenset(told["counted"].split()),
        regnal=frozenset(told["regnal"].split()),
        queens=frozenset(told["queens"].split()),
        before_times=frozenset(told["before_times"].split()),
        before_dates=frozenset(told["before_dates"].split()),
    )
