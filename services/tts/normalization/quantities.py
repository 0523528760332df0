"""Reads numbers and amounts aloud: prices, units, percentages, fractions, ordinals."""

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from services.tts.normalization.language import MAX_DIGITS, NEAR_CHARACTERS, Language
from services.tts.normalization.rule import (
    END,
    RANGE,
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
_STOP = r"(?:\.(?=,|\s[a-z0-9(]))?"
"""Pattern of the full stop of an abbreviation inside a sentence."""
_NUMBERED_DIGITS = 5
"""Most digits of a number after "#"; longer ones are colours and codes."""
_YEAR, _TWO_DIGITS = re.compile(r"1[1-9]\d\d|20\d\d"), 100


def quantity_rules(language: Language) -> Iterator[Rule]:
    amount, number = amount_pattern(language), number_pattern(language)
    coins = "|".join(map(re.escape, sorted(_COINS, key=len, reverse=True)))
    units = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
    scale = rf"(?:(?P<gap>{_GAP})(?P<scale>{language.scale_pattern}))?"
    low_scale = rf"(?:{_GAP}(?P<low_scale>{language.scale_pattern}))?"
    whole = rf"(?P<whole>\d{{1,{MAX_DIGITS}}})"

    yield rule(
        rf"(?<!\w)(?P<coin>{coins}){_GAP}(?P<low>{number}){low_scale}{RANGE}(?P<other>{coins})?{_GAP}"
        rf"(?P<high>{number}){scale}{END}",
        functools.partial(_prices, language),
    )
    yield rule(
        rf"{START}(?P<low>{number}){low_scale}{_GAP}(?P<other>{coins})?{RANGE}(?P<high>{number}){scale}{_GAP}"
        rf"(?P<coin>{coins})(?![\w$€£])",
        functools.partial(_prices, language),
    )
    yield rule(
        rf"(?<!\w)(?P<below_zero>[-−])?(?P<coin>{coins}){_GAP}{amount}{scale}{END}",
        lambda m: _price(language, m),
    )
    yield rule(rf"{START}{amount}{scale}{_GAP}(?P<coin>{coins})(?![\w$€£])", lambda m: _price(language, m))
    yield rule(rf"{START}(?P<n>{number}){_GAP}¢(?!\w)", functools.partial(_cents, language))
    yield rule(rf"{START}{amount}{_GAP}(?P<sign_behind>[%‰])", functools.partial(_share, language))
    yield rule(
        rf"{START}{amount}{_GAP}(?P<unit>{units})(?![\w²³/°]){_STOP}", functools.partial(_measure, language)
    )
    yield rule(
        rf"{START}(?P<feet>\d)['’′](?P<inches>1[01]|\d)[\"”″](?!\w)", functools.partial(_height, language)
    )
    yield rule(
        rf"{START}(?:{whole}[ \u00a0])?(?P<above>\d{{1,2}})/(?P<below>\d{{1,2}})(?![\w/])",
        functools.partial(_fraction, language),
    )
    yield rule(rf"(?<!\w){whole}?(?P<vulgar>[¼-¾⅐-⅞])(?!\w)", functools.partial(_vulgar, language))
    yield rule(rf"{START}(?:{language.ordinal_pattern})(?![\w/])", functools.partial(_ordinal, language))
    yield rule(rf"{START}{amount}{END}", functools.partial(_amount, language))
    yield rule(
        rf"(?<![\w#&])(?:#|№\s?)(?P<n>\d{{1,{_NUMBERED_DIGITS}}})(?!\w)",
        lambda m: f"{language.vocabulary.signs['№']} {language.whole(m['n'])}",
    )
    yield rule(rf"(?<=[<>≈~=+×])(?P<n>{number}){END}", lambda m: language.number(m["n"]))


def _price(language: Language, match: re.Match[str]) -> Said:
    code = _COINS[match["coin"]]
    said = say_amount(language, match)
    if said is None:
        return None
    amount = language.value(last_number(match))
    if match["scale"]:
        return _scaled(language, match, code, amount, said)
    price = language.price(code, amount, language.number(match["low"]) or said)
    below_zero = match["sign"] in ("-", "−") or match.groupdict().get("below_zero")
    return f"{language.minus} {price}" if price and below_zero else price


def _prices(language: Language, match: re.Match[str]) -> Said:
    """Reads a range of prices. The unit is said once, unless the ends have different ones."""
    code, low, high = _COINS[match["coin"]], match["low"], match["high"]
    low_words, high_words = language.number(low), language.number(high)
    if low_words is None or high_words is None or (match["other"] and _COINS[match["other"]] != code):
        return None
    ends = language.value(low), language.value(high)
    if match["scale"]:
        if match["low_scale"] and match["low_scale"] != match["scale"]:
            low_words = f"{low_words} {language.scale(match['low_scale'], ends[0])}"
        return f"{low_words} {language.to} {_scaled(language, match, code, ends[1], high_words)}"
    if match["low_scale"]:
        return None
    if any(end * 100 % 100 for end in ends):
        low_words = language.price(code, ends[0], low_words) or low_words
    return f"{low_words} {language.to} {language.price(code, ends[1], high_words)}"


def _scaled(language: Language, match: re.Match[str], code: str, amount: Decimal, said: str) -> str:
    """Returns the words of an amount of millions of money; a full stop that ends the text is kept."""
    large = language.scale(match["scale"], amount)
    gap = "" if large.endswith("’") else " "
    stop = "." if match[0].endswith(".") and not match.string[match.end() :].strip() else ""
    return f"{language.agree(said, large)} {large}{gap}{language.coin(code, Decimal(1_000_000))}{stop}"


def _cents(language: Language, match: re.Match[str]) -> Said:
    said, names = language.number(match["n"]), language.vocabulary.money["USD"]
    cent = names[2] if language.value(match["n"]) == 1 else names[3]
    return said and f"{language.agree(said, cent)} {cent}"


def _share(language: Language, match: re.Match[str]) -> Said:
    said = say_amount(language, match)
    return said and f"{said} {language.percent if match['sign_behind'] == '%' else language.per_mille}"


def _measure(language: Language, match: re.Match[str]) -> Said:
    said = say_amount(language, match)
    return said and language.unit(_UNITS[match["unit"]], language.value(last_number(match)), said)


def _height(language: Language, match: re.Match[str]) -> Said:
    feet, inches = int(match["feet"]), int(match["inches"])
    return " ".join(
        language.unit(unit, Decimal(number), language.cardinal(number))
        for unit, number in (("length-foot", feet), ("length-inch", inches))
    )


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
    if not match["sign"] and all(map(_YEAR.fullmatch, ends)):
        return f" {language.to} ".join(language.year(int(end)) for end in ends)
    if not match["sign"] and _is_short_span(*ends):
        return f"{language.year(int(ends[0]))} {language.to} {language.cardinal(int(ends[1]))}"
    said = say_amount(language, match)
    return said and _before_noun(language, said, match.string[match.end() : match.end() + NEAR_CHARACTERS])


def _is_short_span(first: str, last: str = "") -> bool:
    """Returns whether the ends are a year and the last two digits of a later one, as in "1914–18"."""
    if not _YEAR.fullmatch(first) or not re.fullmatch(r"\d\d", last):
        return False
    return int(last) > int(first) % _TWO_DIGITS


def _before_noun(language: Language, said: str, following: str) -> str:
    noun = _NEXT_WORD.match(following)
    if noun is None or not (noun[1] in language.vocabulary.feminine or language.noun.match(noun[1])):
        return said
    return language.agree(said, noun[1])
