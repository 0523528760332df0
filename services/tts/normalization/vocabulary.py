"""The words of a language, from the file beside its code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "languages"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    signs: Mapping[str, str]
    """Those that stand alone, and those of addresses."""
    abbreviations: Mapping[str, str]
    """With their full stops."""
    closing: frozenset[str]
    """Abbreviations whose full stop may end a sentence as well."""
    money: Mapping[str, tuple[str, str, str, str]]
    """One and many of the coin and of its hundredth, by code; a coin without a hundredth has none."""
    fractions: Mapping[int, tuple[str, str]]
    """One and many of a half, a third…"""
    feminine: frozenset[str]
    """Nouns before which numbers are feminine."""
    counted: frozenset[str]
    """Words behind which a Roman numeral is a number, in small letters."""
    regnal: frozenset[str]
    """Names behind which it is the place of a ruler."""


def load_vocabulary(language: str) -> Vocabulary:
    """By ISO 639 code."""
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
    )
