"""English: words and patterns for normalisation."""

from decimal import Decimal
from typing import ClassVar

from babel import Locale

from services.tts.normalization.language import Language

_MONTH_FIRST = frozenset({"US", "PH", ""})
_SCALES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion", "tn": "trillion"}


class English(Language):
    code = "en"
    point = "point"
    digit_by_digit = True
    to = "to"
    fraction_conjunction = "and"
    percent = "percent"
    per_mille = "per mille"
    contextual: ClassVar = (
        (r"St\.(?=\s[A-Z])", "Saint"),
        (r"St\.", "Street"),
        (r"Nos\.(?=\s?\d)", "numbers"),
        (r"No\.(?=\s?\d)", "number"),
        (r"pp\.(?=\s?\d)", "pages"),
        (r"p\.(?=\s?\d)", "page"),
        (r"[Ff]ig\.(?=\s?\d)", "figure"),
        (r"w/o(?!\w)", "without"),
    )
    money_conjunction = "and"
    ordinal_pattern = r"(?P<n>\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:st|nd|rd|th)"
    scale_pattern = r"(?:million|billion|trillion)(?!\w)|(?:k|K|m|M|bn|B|tn)(?!\w)"
    day_month_pattern = (
        r"{start}(?P<day>\d{{1,2}}(?:st|nd|rd|th)?(?:\sof)?)\s(?P<month>{months})(?!\w)"
        r"(?:,?\s(?P<year>\d{{4}})(?!\w))?"
    )
    month_day_pattern = (
        r"{start}(?P<month>{months})\s(?P<day>\d{{1,2}}(?:st|nd|rd|th)?)(?!\w|[.:,]\d)"
        r"(?:,?\s(?P<year>\d{{4}})(?!\w))?"
    )
    hour_pattern = (
        r"(?P<hour>1[0-2]|[1-9])[ \u00a0]?(?P<half>[aApP])(?:[mM]|\.[mM](?:\.(?!\s+[A-Z]|\s*$))?)(?!\w)"
    )

    def __init__(self, locale: Locale) -> None:
        super().__init__(locale)
        self.months["abbreviated"]["Sept"] = 9
        self.date_order = "mdy" if (locale.territory or "") in _MONTH_FIRST else "dmy"

    def year(self, number: int) -> str:
        if 2000 <= number < 2010 or number % 1000 == 0:
            return self.cardinal(number)
        century, rest = divmod(number, 100)
        if not rest:
            return f"{self.cardinal(century)} hundred"
        return f"{self.cardinal(century)} {'oh ' if rest < 10 else ''}{self.cardinal(rest)}"

    def decade(self, first_year: int) -> str | None:
        century, rest = divmod(first_year, 100)
        if rest % 10 or rest < 20:
            return None
        return f"{self.cardinal(century)} {self.cardinal(rest)[:-1]}ies"

    def scale(self, written: str, amount: Decimal) -> str:
        return _SCALES.get(written.lower(), written)

    def cents_behind(self, said: str, number: int, names: tuple[str, str, str, str]) -> str:
        return f"{said} {names[2] if number == 1 else names[3]}"

    def fraction(self, above: int, below: int) -> str | None:
        said = super().fraction(above, below)
        return "a half" if said == "one half" else said

    def day(self, number: int, before: str) -> str:
        article = "" if before.lower().split()[-1:] == ["the"] else "the "
        return f"{article}{self.ordinal(number)} of"

    def day_behind(self, number: int) -> str:
        return self.ordinal(number)

    def date(self, day: int, month: int, year: int | None, before: str) -> str:
        if self.date_order == "dmy":
            return super().date(day, month, year, before)
        said = f"{self.month(month)} {self.ordinal(day)}"
        return said if year is None else f"{said} {self.year(year)}"

    def time(self, hour: int, minute: int, half: str, word: str) -> str:
        if minute:
            said = f"{self.cardinal(hour)} {'oh ' if minute < 10 else ''}{self.cardinal(minute)}"
        elif half:
            said = self.cardinal(hour)
        elif not hour:
            said = "midnight"
        else:
            said = f"{self.cardinal(hour)} {'o’clock' if hour <= 12 else 'hundred'}"
        return f"{said} {half}".strip()

    def ruler(self, number: int) -> str:
        return f"the {self.ordinal(number)}"
