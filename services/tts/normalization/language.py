"""Defines `Language`, the base class that writes numbers, dates and signs out in words."""

import functools
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar, Literal, cast

from babel import Locale
from babel.dates import get_day_names, get_month_names
from babel.numbers import format_decimal, get_currency_name, get_decimal_symbol, get_group_symbol
from babel.units import format_unit
from num2words import num2words  # pyright: ignore[reportUnknownVariableType] - it has no types

from services.tts.normalization.vocabulary import load_vocabulary

Agreement = Sequence[tuple[str, str]]
_SPACES = "\u00a0\u2009\u202f"
NEAR_CHARACTERS = 30
"""Characters before and after a match that may decide how it is read."""
MAX_DIGITS = 15
"""Maximum digits of a number that is said in words; longer ones are left to the engine."""


class Language(ABC):
    """Words and patterns of a language, and how it says numbers, units, prices, dates and times.

    Results have no punctuation of their own. A method returns `None` for what it cannot say: the engine may
    know better.
    """

    code: str
    """The language's code in num2words."""
    minus: ClassVar[str] = "minus"
    point: ClassVar[str]
    """Word between a number and its decimals."""
    digit_by_digit: ClassVar[bool] = False
    """Whether decimals are said digit by digit."""
    to: ClassVar[str]
    """Word between the ends of a range."""
    fraction_conjunction: ClassVar[str]
    """Word between a whole number and a fraction."""
    percent: ClassVar[str]
    per_mille: ClassVar[str]
    money_conjunction: ClassVar[str] = ""
    """Word between an amount of money and its hundredths."""
    masculine_agreement: ClassVar[Agreement] = ()
    feminine_agreement: ClassVar[Agreement] = ()
    """Changes to the end of a number before a noun: patterns and their replacements."""
    ruler_mark: ClassVar[str] = ""
    """Pattern of the mark after the numeral of a ruler."""
    contextual: ClassVar[Sequence[tuple[str, str]]] = ()
    """Abbreviations that are recognised by their context: patterns, and the words for them."""
    century_pattern: ClassVar[str] = r"(?!)"
    """Pattern of a Roman numeral, as the group `roman`, that is read as an ordinal."""
    ordinal_pattern: ClassVar[str]
    """Pattern of an ordinal, with the group `n`, and `mark` if the mark matters."""
    noun: ClassVar[re.Pattern[str]] = re.compile(r"(?!)")
    """Pattern of a word after a number that counts it, beside the feminine nouns of the vocabulary."""
    scale_pattern: ClassVar[str] = r"(?!)"
    """Pattern of what may stand between a price and its currency, as "million"."""
    date_order: str = "dmy"
    day_month_pattern: ClassVar[str] = (
        r"{start}(?P<day>\d{{1,2}}\.?)\s(?:de\s)?(?P<month>{months})(?!\w)"
        r"(?:\s(?:de\s)?(?P<year>\d{{4}})(?!\w))?"
    )
    short_date_pattern: ClassVar[str] = r"(?!)"
    """Pattern of a date in digits without its year, with the groups `a` and `b`."""
    month_day_pattern: ClassVar[str] = ""
    """Pattern of a date whose month's name comes first, as `day_month_pattern` is of one whose day does.

    `start` and `months` are filled in, in both.
    """
    span_pattern: ClassVar[str] = r"(?!)"
    """Pattern of two days of a month, with the group `span` around `first` and `last`, and maybe `month`.

    `months` and `range` are filled in.
    """
    hour_sign: ClassVar[str] = ":"
    hour_words: ClassVar[str] = r"(?!)"
    """Pattern of what may stand after a time, and is said with it."""
    hour_pattern: ClassVar[str] = r"(?!)"
    """Pattern of an hour alone, with the groups `hour`, and `half` or `word`."""
    decade_pattern: ClassVar[str] = r"(?!)"
    """Pattern of a decade with the mark of its plural, as "1980s", with the group `n`."""
    phone_pattern: ClassVar[str] = r"(?!)"
    """Pattern of the telephone numbers that are written so in this language only."""

    def __init__(self, locale: Locale) -> None:
        self.locale = locale
        self.vocabulary = load_vocabulary(locale.language)
        self.decimal_sign = get_decimal_symbol(locale)
        own = get_group_symbol(locale)
        self.group_signs = _SPACES + (" " if own in _SPACES else own)
        if self.decimal_sign == "," and "." not in self.group_signs:
            self.group_signs += "."
        self.weekdays = _weekdays(locale)
        """The names of the days of the week by all their ways of being written, without full stops."""
        self.months: dict[str, dict[str, int]] = {
            "wide": _month_numbers("wide", locale),
            "abbreviated": _month_numbers("abbreviated", locale),
        }

    def cardinal(self, number: int) -> str:
        return _in_words(number, self.code, "cardinal")

    def ordinal(self, number: int, mark: str = "", before: str = "") -> str:
        """Returns the ordinal. The `mark` after the digits and the text `before` them may decide its form."""
        return _in_words(number, self.code, "ordinal")

    def year(self, number: int) -> str:
        return self.cardinal(number)

    def short_year(self, digits: str) -> str:
        """Returns the words of a year of which only two digits are written."""
        return self.number(digits) or digits

    def decade(self, digits: str, written: str, before: str, after: str) -> str | None:
        """Returns the words of what `decade_pattern` has matched, between the texts `before` and `after`."""
        return None

    def scale(self, written: str, amount: Decimal) -> str:
        """Returns the words for what `scale_pattern` has matched, for that amount."""
        return written

    def digits(self, digits: str) -> str:
        return " ".join(self.cardinal(int(digit)) for digit in digits if digit.isdecimal())

    def number(self, written: str) -> str | None:
        """Returns the words of digits with a sign, groups and decimals as the locale writes them."""
        negative = written[:1] in "-−" and written[:1] != ""
        whole, _, decimals = written.lstrip("-−+").partition(self.decimal_sign)
        whole = re.sub(rf"[{re.escape(self.group_signs)}]", "", whole)
        if not (whole or decimals) or len(whole) > MAX_DIGITS:
            return None
        if not (whole or "0").isdecimal() or not (decimals or "0").isdecimal():
            return None
        said = self.whole(whole) if whole else ""
        if decimals:
            said = f"{said} {self.point} {self._decimals(decimals)}".strip()
        return f"{self.minus} {said}" if negative else said

    def whole(self, digits: str) -> str:
        """Returns the words of a whole number; one with zeros in front is said digit by digit."""
        return self.digits(digits) if len(digits) > 1 and digits[0] == "0" else self.cardinal(int(digits))

    def value(self, written: str) -> Decimal:
        whole, _, decimals = written.lstrip("-−+").partition(self.decimal_sign)
        return Decimal(re.sub(r"\D", "", whole) + ("." + decimals if decimals else ""))

    def _decimals(self, decimals: str) -> str:
        if self.digit_by_digit or len(decimals) > 3:
            return self.digits(decimals)
        zeros = len(decimals) - len(decimals.lstrip("0"))
        rest = decimals[zeros:]
        return " ".join([self.cardinal(0)] * zeros + ([self.cardinal(int(rest))] if rest else []))

    def agree(self, number: str, noun: str) -> str:
        """Returns the number in the form that it has before that noun, as "ein" before "Euro"."""
        words = noun.split()
        feminine = any(word in self.vocabulary.feminine for word in words)
        for pattern, replacement in self.feminine_agreement if feminine else self.masculine_agreement:
            number = re.sub(pattern, replacement, number)
        return number

    def unit(self, name: str, amount: Decimal, said: str) -> str:
        """Returns the number `said` with its unit, whose `name` is that of CLDR."""
        shown = format_decimal(amount, locale=self.locale)
        whole = format_unit(amount, name, "long", locale=self.locale)
        if name in whole:  # the long name is that of the short form
            whole = format_unit(amount, name, "short", locale=self.locale)
        whole = whole.replace("\u00a0", " ")
        noun = whole.replace(shown, "", 1).strip()
        return whole.replace(shown, self.agree(said, noun), 1) if shown in whole else f"{said} {noun}"

    def coin(self, code: str, amount: Decimal) -> str:
        if names := self.vocabulary.money.get(code):
            return names[0] if self._is_one(amount) else names[1]
        return get_currency_name(code, count=amount, locale=self.locale)

    def price(self, code: str, amount: Decimal, said: str) -> str | None:
        """Returns the words of a price; `said` is the amount in words.

        Hundredths are said separately where the currency has them.
        """
        hundredths = amount * 100 % 100
        if not hundredths:
            coin = self.coin(code, amount)
            said = self.cardinal(int(amount)) if "." in str(amount) else said
            return f"{self.agree(said, coin)} {coin}"
        names = self.vocabulary.money.get(code)
        if names is None or not names[2] or hundredths != int(hundredths):
            return f"{said} {self.coin(code, amount)}"
        cents = self.cardinal(int(hundredths))
        if amount < 1:
            cent = names[2] if hundredths == 1 else names[3]
            return f"{self.agree(cents, cent)} {cent}"
        coin = self.coin(code, Decimal(int(amount)))
        whole = f"{self.agree(self.cardinal(int(amount)), coin)} {coin}"
        return " ".join(
            filter(None, (whole, self.money_conjunction, self.cents_behind(cents, int(hundredths), names)))
        )

    def cents_behind(self, said: str, number: int, names: tuple[str, str, str, str]) -> str:
        """Returns the hundredths after a whole amount: "fifty cents", or "fifty" alone."""
        return said

    def _is_one(self, amount: Decimal) -> bool:
        return amount == 1

    def fraction(self, above: int, below: int) -> str | None:
        names = self.vocabulary.fractions.get(below)
        if names is None or not 0 < above < below:
            return None
        name = names[0] if above == 1 else names[1]
        return f"{self.agree(self.cardinal(above), name)} {name}"

    def month_number(self, name: str) -> int:
        """Returns the month of a name that `months_pattern` matches."""
        bare = name.rstrip(".")
        return next(names[bare] for names in self.months.values() if bare in names)

    @property
    def months_pattern(self) -> str:
        """Matches names of months; only abbreviated names may have a full stop of their own."""
        wide, short = self.months["wide"], self.months["abbreviated"]
        names = [re.escape(name) for name in wide]
        names += [rf"{re.escape(name)}\.?" for name in short if name not in wide and len(name) > 2]
        return "|".join(sorted(names, key=len, reverse=True))

    def month(self, number: int) -> str:
        return get_month_names("wide", locale=self.locale)[number]

    @abstractmethod
    def day(self, number: int, before: str) -> str:
        """Returns a day of a month before the month's name; `before` is the text in front of it."""

    def day_behind(self, number: int) -> str:
        """Returns a day of a month after the month's name."""
        return self.cardinal(number)

    def date(self, day: int, month: int, year: int | None, before: str) -> str:
        """Returns the words of a date that is written in digits."""
        said = f"{self.day(day, before)} {self.month(month)}"
        return said if year is None else f"{said} {self.year(year)}"

    @abstractmethod
    def time(self, hour: int, minute: int, half: str, word: str) -> str:
        """Returns a time of day; `half` is "A M", "P M" or empty, `word` was written after the time."""

    def with_seconds(self, time: str, second: int, half: str) -> str:
        """Returns a time of day with its seconds; `half` is "A M", "P M" or empty."""
        return (
            f"{time} {self.vocabulary.signs['&']} {self._counted('duration-second', second)} {half}".rstrip()
        )

    def duration(self, hours: int, minutes: int, seconds: int) -> str:
        parts = [self._counted("duration-hour", hours), self._counted("duration-minute", minutes)]
        return f"{' '.join(parts)} {self.vocabulary.signs['&']} {self._counted('duration-second', seconds)}"

    def _counted(self, unit: str, number: int) -> str:
        return self.unit(unit, Decimal(number), self.cardinal(number))

    def ruler(self, number: int, name: str) -> str:
        """Returns the ordinal of a ruler, as it is said after the name."""
        return self.cardinal(number)

    def is_numeral(self, match: re.Match[str]) -> bool:
        """Returns whether one Roman digit after a word that has a numeral is no letter or word of its own."""
        return True

    def phone(self, groups: Sequence[str]) -> str:
        """Returns the digits of each group, with a pause after it."""
        return ", ".join(self.digits(group) for group in groups)


@functools.lru_cache(maxsize=4096)
def _in_words(number: int, code: str, kind: str) -> str:
    return num2words(number, lang=code, to=kind).replace(",", "")


def _month_numbers(width: Literal["wide", "abbreviated"], locale: Locale) -> dict[str, int]:
    names = cast(Mapping[int, str], get_month_names(width, locale=locale))
    return {name.rstrip("."): number for number, name in names.items()}


def _weekdays(locale: Locale) -> dict[str, str]:
    wide = cast(Mapping[int, str], get_day_names("wide", locale=locale))
    written: dict[str, str] = {}
    for width in ("wide", "abbreviated", "short"):
        names = cast(Mapping[int, str], get_day_names(width, locale=locale))
        for day, name in names.items():
            bare = name.rstrip(".")
            written |= {bare: wide[day], bare.capitalize(): wide[day]}
    return written
