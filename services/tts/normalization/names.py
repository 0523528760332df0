"""Reads abbreviations, Roman numerals and signs aloud."""

import functools
import re
from collections.abc import Iterator

from services.tts.normalization.language import NEAR_CHARACTERS, Language
from services.tts.normalization.rule import (
    Rule,
    Said,
    rule,
    text_before,
)

_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_CANONICAL = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
# Shorter ones of the large digits are more often something else: CD, DC, MD, XL.
_ROMAN = r"(?P<roman>[IVX]{2,}|[IVXLCDM]{4,}|[IVX])"


def name_rules(language: Language) -> Iterator[Rule]:
    for pattern, said in language.contextual:
        yield rule(rf"(?<![\w.]){pattern}", lambda m, said=said: said)
    shorts = "|".join(sorted(map(re.escape, language.vocabulary.abbreviations), key=len, reverse=True))
    yield rule(rf"(?<![\w.])(?P<short>{shorts})(?!\w)", functools.partial(_abbreviation, language))
    yield rule(language.century_pattern, functools.partial(_century, language))
    yield rule(
        rf"(?<!\w)(?P<name>[^\W\d_][\w'’]{{0,40}})\s(?P<numeral>{_ROMAN}{language.ruler_mark})(?!\w)",
        functools.partial(_roman, language),
    )
    between = "".join(map(re.escape, sorted(_ARITHMETIC & language.vocabulary.signs.keys())))
    yield rule(rf"(?<=[\d)])[{between}](?=[\d(])", lambda m: f" {language.vocabulary.signs[m[0]]} ")
    yield rule(r"(?<=\d)\+(?![\w+])", lambda m: f" {language.vocabulary.signs['+']}")
    yield rule(r"(?<![\w~≈])[~≈]\s?(?=[\d$€£])", lambda m: f"{language.vocabulary.signs['≈']} ")
    yield rule(r"(?<![\w<>=-])[<>](?=\d)", lambda m: f"{language.vocabulary.signs[m[0]]} ")
    signs = "".join(map(re.escape, sorted(_LONE & language.vocabulary.signs.keys())))
    yield rule(rf"(?<!\S)(?P<sign>[{signs}])(?!\S)", lambda m: language.vocabulary.signs[m["sign"]])


_ARITHMETIC = frozenset("+=×÷")
_LONE = frozenset("&+=×÷@#§%<>€$£")


def roman_value(numeral: str) -> int | None:
    """Returns the value of a numeral in its standard form, otherwise `None`."""
    if not numeral or not _CANONICAL.fullmatch(numeral):
        return None
    values = [_ROMAN_DIGITS[sign] for sign in numeral]
    following = [*values[1:], 0]
    return sum(-a if a < b else a for a, b in zip(values, following, strict=True))


def _abbreviation(language: Language, match: re.Match[str]) -> Said:
    said = language.vocabulary.abbreviations[match["short"]]
    rest = match.string[match.end() : match.end() + NEAR_CHARACTERS].lstrip()
    ends = match["short"] in language.vocabulary.closing and (not rest or rest[0].isupper())
    return f"{said}." if ends else said


def _roman(language: Language, match: re.Match[str]) -> Said:
    name, value = match["name"], roman_value(match["roman"])
    counted, regnal = name.lower() in language.vocabulary.counted, name in language.vocabulary.regnal
    if value is None or not (name[0].isupper() or counted):
        return None
    if len(match["roman"]) == 1 and not ((counted or regnal) and language.is_numeral(match)):
        return None
    return {"numeral": language.ruler(value, name) if regnal else language.cardinal(value)}


def _century(language: Language, match: re.Match[str]) -> Said:
    value = roman_value(match["roman"])
    return None if value is None else language.ordinal(value, "", text_before(match))
