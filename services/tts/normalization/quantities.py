"""Reads numbers and amounts aloud: prices, units, percentages, fractions, ordinals."""

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from services.tts.normalization.language import MAX_DIGITS, Language
from services.tts.normalization.rule import (
    END,
    NEAR_CHARACTERS,
    START,
    Rule,
    Said,
    amount_pattern,
    last_number,
    number_pattern,
    rule,
    say_amount,
    text_before,
)

_TABLES = tomllib.loads((Path(__file__).parent / "units.toml").read_text(encoding="utf-8"))
_COINS: Mapping[str, str] = _TABLES["coins"]
_UNITS: Mapping[str, str] = _TABLES["units"]
_NEXT_WORD = re.compile(r"\s([^\W\d_]+)")
_GAP = r"[ \u00a0\u202f]?"


def quantity_rules(language: Language) -> Iterator[Rule]:
    amount, number = amount_pattern(language), number_pattern(language)
    coins = "|".join(map(re.escape, sorted(_COINS, key=len, reverse=True)))
    units = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
    scale = rf"(?:(?P<gap>{_GAP})(?P<scale>{language.scale_pattern}))?"
    whole = rf"(?P<whole>\d{{1,{MAX_DIGITS}}})"

    yield rule(rf"{START}(?P<n>\d{{4}})s(?!\w)", lambda m: language.decade(int(m["n"])))
    yield rule(
        rf"(?<!\w)(?P<below_zero>[-−])?(?P<coin>{coins}){_GAP}{amount}{scale}{END}",
        lambda m: _price(language, m),
    )
    yield rule(rf"{START}{amount}{scale}{_GAP}(?P<coin>{coins})(?![\w$€£])", lambda m: _price(language, m))
    yield rule(rf"{START}{amount}{_GAP}(?P<sign_behind>[%‰])", functools.partial(_share, language))
    yield rule(rf"{START}{amount}{_GAP}(?P<unit>{units})(?![\w²³/°])", functools.partial(_measure, language))
    yield rule(
        rf"{START}(?:{whole}[ \u00a0])?(?P<above>\d{{1,2}})/(?P<below>\d{{1,2}})(?![\w/])",
        functools.partial(_fraction, language),
    )
    yield rule(rf"(?<!\w){whole}?(?P<vulgar>[¼-¾⅐-⅞])(?!\w)", functools.partial(_vulgar, language))
    yield rule(rf"{START}(?:{language.ordinal_pattern})(?![\w/])", functools.partial(_ordinal, language))
    yield rule(rf"{START}{amount}{END}", functools.partial(_amount, language))
    yield rule(rf"(?<=[<>≈~=+×])(?P<n>{number}){END}", lambda m: language.number(m["n"]))


def _price(language: Language, match: re.Match[str]) -> Said:
    code = _COINS[match["coin"]]
    said = say_amount(language, match)
    if said is None:
        return None
    amount = language.value(last_number(match))
    if match["scale"]:
        large = language.scale(match["scale"], amount)
        gap = "" if large.endswith("’") else " "
        return f"{language.agree(said, large)} {large}{gap}{language.coin(code, Decimal(1_000_000))}"
    if match["high"]:
        return f"{said} {language.coin(code, amount)}"
    price = language.price(code, amount, language.number(match["low"]) or said)
    below_zero = match["sign"] in ("-", "−") or match.groupdict().get("below_zero")
    return f"{language.minus} {price}" if price and below_zero else price


def _share(language: Language, match: re.Match[str]) -> Said:
    said = say_amount(language, match)
    return said and f"{said} {language.percent if match['sign_behind'] == '%' else language.per_mille}"


def _measure(language: Language, match: re.Match[str]) -> Said:
    said = say_amount(language, match)
    return said and language.unit(_UNITS[match["unit"]], language.value(last_number(match)), said)


def _fraction(language: Language, match: re.Match[str]) -> Said:
    said = language.fraction(int(match["above"]), int(match["below"]))
    return said and _mixed(language, match["whole"], said)


def _vulgar(language: Language, match: re.Match[str]) -> Said:
    value = Fraction(unicodedata.numeric(match["vulgar"])).limit_denominator(10)
    said = language.fraction(value.numerator, value.denominator)
    return said and _mixed(language, match["whole"], said)


def _mixed(language: Language, whole: str | None, fraction: str) -> str:
    return (
        f"{language.cardinal(int(whole))} {language.fraction_conjunction} {fraction}" if whole else fraction
    )


def _ordinal(language: Language, match: re.Match[str]) -> Said:
    groups = match.groupdict()
    number = int(re.sub(r"\D", "", match["n"]))
    return language.ordinal(number, groups.get("mark") or "", text_before(match))


def _amount(language: Language, match: re.Match[str]) -> Said:
    """Reads a number or a range. Four digits alone may be a year, and so may both ends of a range."""
    ends = [match["low"], match["high"]] if match["high"] else [match["low"]]
    if not match["sign"] and all(re.fullmatch(r"1[1-9]\d\d|20\d\d", end) for end in ends):
        return f" {language.to} ".join(language.year(int(end)) for end in ends)
    said = say_amount(language, match)
    return said and _before_noun(language, said, match.string[match.end() : match.end() + NEAR_CHARACTERS])


def _before_noun(language: Language, said: str, following: str) -> str:
    noun = _NEXT_WORD.match(following)
    if noun is None or not (noun[1] in language.vocabulary.feminine or language.noun.match(noun[1])):
        return said
    return language.agree(said, noun[1])
