"""Reads dates and times of day aloud."""

import functools
import re
from collections.abc import Iterator

from services.tts.normalization.language import Language
from services.tts.normalization.rule import (
    START,
    Rule,
    Said,
    rule,
    text_before,
)

_DAYS_IN_A_MONTH, _MONTHS_IN_A_YEAR, _YEAR_DIGITS = 31, 12, 4


def date_rules(language: Language) -> Iterator[Rule]:
    months = language.months_pattern
    first, second = r"(?P<a>\d{1,2})", r"(?P<b>\d{1,2})"
    time = rf"(?P<hour>[01]?\d|2[0-4]){language.hour_sign}(?P<minute>[0-5]\d)(?!\d)"
    half = r"(?:[ \u00a0]?(?P<half>[aApP])(?:[mM]|\.[mM](?:\.(?!\s+[A-Z]|\s*$))?)(?!\w))?"

    yield rule(
        r"(?<![\w-])(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?![\w-])", functools.partial(_iso, language)
    )
    yield rule(
        rf"{START}{first}(?P<sep>[./-]){second}(?P=sep)(?P<year>\d{{4}}|\d\d)(?!\w|[./-]\d)",
        functools.partial(_digits, language),
    )
    yield rule(rf"{START}{language.short_date_pattern}", functools.partial(_digits, language))
    yield rule(
        language.day_month_pattern.format(start=START, months=months), functools.partial(_named, language)
    )
    if language.month_day_pattern:
        pattern = language.month_day_pattern.format(start=START, months=months)
        yield rule(pattern, functools.partial(_named, language))
    yield rule(
        rf"{START}{time}(?::[0-5]\d)?{half}(?:[ \u00a0]?(?P<word>{language.hour_words})(?!\w))?(?!:)",
        functools.partial(_time, language),
    )
    yield rule(rf"{START}{language.hour_pattern}", functools.partial(_hour, language))


def say_date(language: Language, text: str, order: str) -> str | None:
    """Returns the words of a text that is marked as a date; years and days may be left out.

    `order` is the order of its parts; if empty, the language's own. Returns `None` if it is no date.
    """
    numbers = re.findall(r"\d+", text)
    if len(numbers) != len(order or language.date_order) or max(map(len, numbers), default=0) > _YEAR_DIGITS:
        return None
    parts = dict(zip(order or language.date_order, map(int, numbers), strict=True))
    if not {"d", "m"} <= parts.keys():
        return None
    return _checked(language, parts["d"], parts["m"], parts.get("y"), "")


def _iso(language: Language, match: re.Match[str]) -> Said:
    return _checked(language, int(match["day"]), int(match["month"]), int(match["year"]), text_before(match))


def _digits(language: Language, match: re.Match[str]) -> Said:
    groups = match.groupdict()
    day, month = int(match["a"]), int(match["b"])
    if language.date_order == "mdy" and groups.get("sep") == "/":
        day, month = month, day
    year = groups.get("year")
    return _checked(language, day, month, _century(year) if year else None, text_before(match))


def _checked(language: Language, day: int, month: int, year: int | None, before: str) -> str | None:
    if not (1 <= day <= _DAYS_IN_A_MONTH and 1 <= month <= _MONTHS_IN_A_YEAR):
        return None
    return language.date(day, month, year, before)


def _named(language: Language, match: re.Match[str]) -> Said:
    """Returns each part in its place."""
    groups = match.groupdict()
    day = int(re.sub(r"\D", "", match["day"]))
    if not 1 <= day <= _DAYS_IN_A_MONTH:
        return None
    behind = match.start("day") > match.start("month")
    said = {"day": language.day_behind(day) if behind else language.day(day, text_before(match))}
    said["month"] = language.month(language.month_number(match["month"]))
    if groups.get("year"):
        said["year"] = language.year(int(match["year"]))
    return said


def _time(language: Language, match: re.Match[str]) -> Said:
    half = f"{match['half'].upper()} M" if match["half"] else ""
    return language.time(int(match["hour"]), int(match["minute"]), half, match["word"] or "")


def _hour(language: Language, match: re.Match[str]) -> Said:
    groups = match.groupdict()
    half = f"{groups['half'].upper()} M" if groups.get("half") else ""
    return language.time(int(match["hour"]), 0, half, groups.get("word") or "")


def _century(year: str) -> int:
    number = int(year)
    return number if len(year) > 2 else number + (1900 if number >= 50 else 2000)
