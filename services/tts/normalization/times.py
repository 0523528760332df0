"""Reads times of day, durations and spans of hours aloud."""

import functools
import re
from collections.abc import Iterator

from services.tts.normalization.language import Language
from services.tts.normalization.rule import RANGE, START, Rule, Said, rule, text_before, unnamed

_HALF = r"(?:[ \u00a0]?(?P<half>[aApP])(?:[mM]|\.[mM](?:\.(?!\s+[A-Z]|\s*$))?)(?!\w))?"


def time_rules(language: Language) -> Iterator[Rule]:
    clock = _clock_pattern(language)
    moment = unnamed(rf"{clock}|{language.hour_pattern}")
    bare = r"\d{1,2}(?![\w.,:/])"
    behind = r"(?!\w)(?!(?<=\d)[:/]\d)"
    # The groups are atomic: one that gave back its "pm" would end where `say_time` does not.
    yield rule(
        rf"{START}(?P<from>(?>{moment}|{bare})){RANGE}(?P<till>(?>{moment}|(?<=:\d\d.)\d{{1,2}})){behind}",
        functools.partial(_hours, language),
    )
    yield rule(rf"{START}{clock}(?!:)", functools.partial(_time, language))
    yield rule(rf"{START}{language.hour_pattern}", functools.partial(_hour, language))


def _clock_pattern(language: Language) -> str:
    """Returns the pattern of a time of day with minutes, as the groups `hour`, `minute`, `second`…"""
    return (
        rf"(?P<hour>[01]?\d|2[0-4]){language.hour_sign}(?P<minute>[0-5]\d)(?!\d)(?::(?P<second>[0-5]\d)(?!\d))?"
        rf"{_HALF}(?:[ \u00a0]?(?P<word>{language.hour_words})(?!\w))?"
    )


@functools.cache
def _clock(language: Language) -> re.Pattern[str]:
    return re.compile(_clock_pattern(language))


@functools.cache
def _hour_alone(language: Language) -> re.Pattern[str]:
    return re.compile(language.hour_pattern)


def say_time(language: Language, match: re.Match[str], group: str) -> str | None:
    """Returns the words of a group that is a time of day, otherwise `None`."""
    start, end = match.span(group)
    for pattern, say in ((_clock(language), _time), (_hour_alone(language), _hour)):
        found = pattern.match(match.string, start)
        if found and found.end() != end:
            found = pattern.fullmatch(match.string, start, end)
        if found:
            return say(language, found)
    return None


def _hours(language: Language, match: re.Match[str]) -> Said:
    """Reads two ends of a span; at most one of them is a number alone, and has the other's unit."""
    ends = [say_time(language, match, end) or _number(language, match[end]) for end in ("from", "till")]
    return None if None in ends else f" {language.to} ".join(filter(None, ends))


def _number(language: Language, written: str) -> str | None:
    return language.whole(written) if written.isdecimal() else None


def _time(language: Language, match: re.Match[str]) -> str:
    hour, minute, half = int(match["hour"]), int(match["minute"]), _half(match)
    if not match["second"]:
        return language.time(hour, minute, half, match["word"] or "")
    if _is_duration(language, match):
        return language.duration(hour, minute, int(match["second"]))
    return language.with_seconds(language.time(hour, minute, "", ""), int(match["second"]), half)


def _is_duration(language: Language, match: re.Match[str]) -> bool:
    if len(match["hour"]) > 1 or match["half"] or match["word"]:
        return False
    before = text_before(match).lower().split()[-1:]
    return not before or before[0] not in language.vocabulary.before_times


def _hour(language: Language, match: re.Match[str]) -> str:
    return language.time(int(match["hour"]), 0, _half(match), match.groupdict().get("word") or "")


def _half(match: re.Match[str]) -> str:
    half = match.groupdict().get("half")
    return f"{half.upper()} M" if half else ""
