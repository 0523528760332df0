"""Reads dates, years and decades aloud."""

import functools
import re
from collections.abc import Iterator

from services.tts.normalization.language import NEAR_CHARACTERS, Language
from services.tts.normalization.rule import (
    END,
    RANGE,
    START,
    Rule,
    Said,
    rule,
    text_before,
)
from services.tts.normalization.times import say_time

_DAYS_IN_A_MONTH, _MONTHS_IN_A_YEAR, _YEAR_DIGITS = 31, 12, 4
_FIRST_YEAR, _LAST_YEAR = 1800, 2100
"""Years between which four digits and two are a month of a year."""


def date_rules(language: Language) -> Iterator[Rule]:
    months = language.months_pattern
    first, second = r"(?P<a>\d{1,2})", r"(?P<b>\d{1,2})"
    year = r"(?P<year>\d{4})"

    half_or_word = rf"[ \u00a0]?(?:[aApP]\.?[mM]|{language.hour_words})(?!\w)"
    yield rule(
        rf"(?<![\w-]){year}-(?P<month>\d\d)-(?P<day>\d\d)"
        rf"(?:(?>[T ](?P<time>(?:[01]\d|2[0-4]):[0-5]\d(?::(?!00)[0-5]\d)?)(?::00)?(?:\.\d{{1,9}})?"
        rf"(?P<zone>Z|[+-]\d\d:?\d\d)?)(?!{half_or_word}))?(?![\w-])",
        functools.partial(_iso, language),
    )
    yield rule(rf"{START}{year}/(?P<month>\d\d)/(?P<day>\d\d)(?![\w/])", functools.partial(_iso, language))
    yield rule(rf"{START}{year}-(?P<month>0[1-9]|1[0-2])(?![\w-]){END}", functools.partial(_month, language))
    span = language.span_pattern.format(months=months, range=RANGE)
    yield rule(rf"{START}{span}", functools.partial(_span, language))
    yield rule(rf"{START}{year}/(?P<next>\d\d)(?![\w/])", functools.partial(_season, language))
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
    yield rule(rf"{START}{first}/{second}(?![\w/]){END}", functools.partial(_slashed, language))
    yield rule(_days_pattern(language), functools.partial(_days, language))
    yield rule(rf"(?<!\w)(?:{language.decade_pattern})(?!\w)", functools.partial(_decade, language))
    yield rule(r"(?<![\w'’‘])['’‘](?P<n>\d\d)(?![\w'’”\"]|[.,:]\d)", lambda m: language.short_year(m["n"]))


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
    date = _checked(language, int(match["day"]), int(match["month"]), int(match["year"]), text_before(match))
    groups = match.groupdict()
    if date is None or not groups.get("time"):
        return date
    return " ".join(filter(None, (date, say_time(language, match, "time"), _zone(language, groups["zone"]))))


def _zone(language: Language, written: str | None) -> str:
    """Returns the words of a time zone: "Z", or its hours and minutes ahead of universal time."""
    if not written:
        return ""
    if written == "Z":
        return "U T C"
    parts = [language.cardinal(int(part)) for part in (written[1:3], written[-2:]) if int(part)]
    sign = language.vocabulary.signs["+"] if written[0] == "+" else language.minus
    return " ".join(("U T C", sign, *parts)) if parts else "U T C"


def _month(language: Language, match: re.Match[str]) -> Said:
    """Reads a year and a month; the next year's two digits are rather the end of a season."""
    year, month = int(match["year"]), int(match["month"])
    if month == (year + 1) % 100 or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    return f"{language.month(month)} {language.year(year)}"


def _span(language: Language, match: re.Match[str]) -> Said:
    first, last = int(match["first"]), int(match["last"])
    if not 1 <= first < last <= _DAYS_IN_A_MONTH:
        return None
    before = text_before(match)
    days = f" {language.to} ".join(language.ordinal(day, before=before) for day in (first, last))
    if "month" not in match.groupdict():
        return {"span": days}
    return {"span": days, "month": language.month(language.month_number(match["month"]))}


def _season(language: Language, match: re.Match[str]) -> Said:
    year, following = int(match["year"]), int(match["next"])
    if following != (year + 1) % 100:
        return None
    return f"{language.year(year)} {language.cardinal(following)}"


def _slashed(language: Language, match: re.Match[str]) -> Said:
    """Reads a date without its year, behind a word that says that it is one."""
    before = text_before(match).lower().split()[-1:]
    if not before or before[0] not in language.vocabulary.before_dates:
        return None
    if language.fraction(int(match["a"]), int(match["b"])) is not None:
        return None
    day, month = int(match["a"]), int(match["b"])
    if language.date_order == "mdy":
        day, month = month, day
    return _checked(language, day, month, None, text_before(match))


def _days_pattern(language: Language) -> str:
    """Returns the pattern of two days of the week with a dash between them."""
    days = "|".join(map(re.escape, sorted(language.weekdays, key=len, reverse=True)))
    return rf"(?<!\w)(?P<from>{days})(?P<stop>\.?){RANGE}(?P<till>{days})(?!\w)(?:(?P=stop)(?=[.,]?\s?\S))?"


def _days(language: Language, match: re.Match[str]) -> Said:
    return f"{language.weekdays[match['from']]} {language.to} {language.weekdays[match['till']]}"


def _decade(language: Language, match: re.Match[str]) -> Said:
    after = match.string[match.end() : match.end() + NEAR_CHARACTERS]
    return language.decade(match["n"], match[0], text_before(match), after)


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


def _century(year: str) -> int:
    number = int(year)
    return number if len(year) > 2 else number + (1900 if number >= 50 else 2000)
