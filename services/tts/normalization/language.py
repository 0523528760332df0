"""How a language says numbers, dates and signs. Each language fills in what is its own."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from babel import Locale
from babel.dates import get_month_names
from babel.numbers import format_decimal, get_currency_name, get_decimal_symbol, get_group_symbol
from babel.units import format_unit
from num2words import num2words

from services.tts.normalization.vocabulary import load_vocabulary

Agreement = Sequence[tuple[str, str]]
_SPACES = "\u00a0\u2009\u202f"
MAX_DIGITS = 15
"""Of a number that is said in words; one with more is left to the engine."""


class Language(ABC):
    """Words without punctuation of their own. What cannot be said is None: the engine may know better."""

    code: str
    """Of num2words."""
    minus: ClassVar[str] = "minus"
    point: ClassVar[str]
    """Between a number and its decimals."""
    digit_by_digit: ClassVar[bool] = False
    """Whether decimals are said so."""
    to: ClassVar[str]
    """Between the ends of a range."""
    joint: ClassVar[str]
    """Between a whole number and a fraction."""
    percent: ClassVar[str]
    per_mille: ClassVar[str]
    money_joint: ClassVar[str] = ""
    """Between a coin and its hundredths."""
    masculine_agreement: ClassVar[Agreement] = ()
    feminine_agreement: ClassVar[Agreement] = ()
    """What becomes of the end of a number before a noun: patterns and what takes their place."""
    ruler_mark: ClassVar[str] = ""
    """Pattern of what stands behind the numeral of a ruler."""
    contextual: ClassVar[Sequence[tuple[str, str]]] = ()
    """Abbreviations that are known by what stands around them: patterns, and what is said."""
    century_pattern: ClassVar[str] = r"(?!)"
    """Of a Roman numeral, the group `roman`, that is read as an ordinal."""
    ordinal_pattern: ClassVar[str]
    """With the group `n`, and `mark` if the mark matters."""
    noun: ClassVar[re.Pattern[str]] = re.compile(r"(?!)")
    """A word behind a number that counts it, though it is not among the feminine ones."""
    scale_pattern: ClassVar[str] = r"(?!)"
    """What may stand between a price and its coin, as "million"."""
    date_order: str = "dmy"
    day_month_pattern: ClassVar[str] = (
        r"{start}(?P<day>\d{{1,2}}\.?)\s(?:de\s)?(?P<month>{months})(?!\w)"
        r"(?:\s(?:de\s)?(?P<year>\d{{4}})(?!\w))?"
    )
    short_date_pattern: ClassVar[str] = r"(?!)"
    """Of a date in digits without its year, with the groups `a` and `b`."""
    month_day_pattern: ClassVar[str] = ""
    """The two ways to write a date with the month's name: `start` and `months` are filled in."""
    hour_sign: ClassVar[str] = ":"
    hour_words: ClassVar[str] = r"(?!)"
    """What may stand behind a time, and is said with it."""
    hour_pattern: ClassVar[str] = r"(?!)"
    """Of an hour alone, with the groups `hour`, and `half` or `word`."""

    def __init__(self, locale: Locale) -> None:
        self.locale = locale
        self.vocabulary = load_vocabulary(locale.language)
        self.decimal_sign = get_decimal_symbol(locale)
        own = get_group_symbol(locale)
        self.group_signs = _SPACES + (" " if own in _SPACES else own)
        if self.decimal_sign == "," and "." not in self.group_signs:
            self.group_signs += "."
        self.months = {
            width: {
                name.rstrip("."): number for number, name in get_month_names(width, locale=locale).items()
            }
            for width in ("wide", "abbreviated")
        }

    # Numbers

    def cardinal(self, number: int) -> str:
        return num2words(number, lang=self.code).replace(",", "")

    def ordinal(self, number: int, mark: str = "", before: str = "") -> str:
        """`mark` is what stands behind the digits, `before` in front of them: both may tell its form."""
        return num2words(number, lang=self.code, to="ordinal").replace(",", "")

    def year(self, number: int) -> str:
        return self.cardinal(number)

    def decade(self, first_year: int) -> str | None:
        """As "1980s", where that is written."""
        return None

    def scale(self, written: str, amount: Decimal) -> str:
        """What `scale_pattern` has found, as it is said of so many."""
        return written

    def digits(self, digits: str) -> str:
        return " ".join(self.cardinal(int(digit)) for digit in digits if digit.isdecimal())

    def number(self, written: str) -> str | None:
        """Of digits with a sign, groups and decimals as the locale writes them."""
        negative = written[:1] in "-−" and written[:1] != ""
        whole, _, decimals = written.lstrip("-−+").partition(self.decimal_sign)
        whole = re.sub(rf"[{re.escape(self.group_signs)}]", "", whole)
        if not whole.isdecimal() or len(whole) > MAX_DIGITS or (decimals and not decimals.isdecimal()):
            return None
        said = self.digits(whole) if len(whole) > 1 and whole[0] == "0" else self.cardinal(int(whole))
        if decimals:
            said = f"{said} {self.point} {self._decimals(decimals)}"
        return f"{self.minus} {said}" if negative else said

    def value(self, written: str) -> Decimal:
        whole, _, decimals = written.lstrip("-−+").partition(self.decimal_sign)
        return Decimal(re.sub(r"\D", "", whole) + ("." + decimals if decimals else ""))

    def _decimals(self, decimals: str) -> str:
        if self.digit_by_digit or len(decimals) > 3:
            return self.digits(decimals)
        zeros = len(decimals) - len(decimals.lstrip("0"))
        rest = decimals[zeros:]
        return " ".join([self.cardinal(0)] * zeros + ([self.cardinal(int(rest))] if rest else []))

    # Numbers with a noun

    def agree(self, number: str, noun: str) -> str:
        """The number before that noun, as "ein" before "Euro"."""
        words = noun.split()
        feminine = any(word in self.vocabulary.feminine for word in words)
        for pattern, replacement in self.feminine_agreement if feminine else self.masculine_agreement:
            number = re.sub(pattern, replacement, number)
        return number

    def unit(self, name: str, amount: Decimal, said: str) -> str:
        """`said` of a unit that is named as in CLDR."""
        shown = format_decimal(amount, locale=self.locale)
        whole = format_unit(amount, name, "long", locale=self.locale).replace("\u00a0", " ")
        noun = whole.replace(shown, "", 1).strip()
        return whole.replace(shown, self.agree(said, noun), 1) if shown in whole else f"{said} {noun}"

    def coin(self, code: str, amount: Decimal) -> str:
        if names := self.vocabulary.money.get(code):
            return names[0] if self._is_one(amount) else names[1]
        return get_currency_name(code, count=amount, locale=self.locale)

    def price(self, code: str, amount: Decimal, said: str) -> str | None:
        """`said` is the whole number as words; hundredths are said apart where the coin has them."""
        hundredths = amount * 100 % 100
        if not hundredths:
            coin = self.coin(code, amount)
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
            filter(None, (whole, self.money_joint, self.cents_behind(cents, int(hundredths), names)))
        )

    def cents_behind(self, said: str, number: int, names: tuple[str, str, str, str]) -> str:
        """Hundredths behind their coins: "fifty cents", or "fifty" alone."""
        return said

    def _is_one(self, amount: Decimal) -> bool:
        return amount == 1

    def fraction(self, above: int, below: int) -> str | None:
        names = self.vocabulary.fractions.get(below)
        if names is None or not 0 < above < below:
            return None
        name = names[0] if above == 1 else names[1]
        return f"{self.agree(self.cardinal(above), name)} {name}"

    # Dates and times

    def month_number(self, name: str) -> int:
        """By a name of `months_pattern`."""
        bare = name.rstrip(".")
        return next(names[bare] for names in self.months.values() if bare in names)

    @property
    def months_pattern(self) -> str:
        """Only abbreviated names may have a full stop of their own."""
        wide, short = self.months["wide"], self.months["abbreviated"]
        names = [re.escape(name) for name in wide]
        names += [rf"{re.escape(name)}\.?" for name in short if name not in wide and len(name) > 2]
        return "|".join(sorted(names, key=len, reverse=True))

    def month(self, number: int) -> str:
        return get_month_names("wide", locale=self.locale)[number]

    @abstractmethod
    def day(self, number: int, before: str) -> str:
        """A day of a month, in front of the month's name; `before` is the text in front of it."""

    def day_behind(self, number: int) -> str:
        """A day of a month, behind the month's name."""
        return self.cardinal(number)

    def date(self, day: int, month: int, year: int | None, before: str) -> str:
        """A date that is written in digits."""
        said = f"{self.day(day, before)} {self.month(month)}"
        return said if year is None else f"{said} {self.year(year)}"

    @abstractmethod
    def time(self, hour: int, minute: int, half: str, word: str) -> str:
        """`half` is "A M", "P M" or nothing, `word` what was written behind the time."""

    # Names

    def ruler(self, number: int) -> str:
        """A place in a row of rulers, behind the name."""
        return self.cardinal(number)

    def phone(self, groups: Sequence[str]) -> str:
        """Each group's digits, with a pause behind it."""
        return ", ".join(self.digits(group) for group in groups)
