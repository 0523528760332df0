"""German: words and patterns for normalisation."""

import re
from decimal import Decimal
from typing import ClassVar

from services.tts.normalization.language import Language

_DATIVE = re.compile(r"(?:^|\s)(?:am|vom|zum|dem|den|bis|ab|seit|im|beim|zur|des)$", re.IGNORECASE)
_NOMINATIVE = re.compile(r"(?:^|\s)(?:der|die|das)$", re.IGNORECASE)
_ARTICLE = "|".join(
    rf"(?<=\b{word}\s)"
    for word in [
        "der",
        "die",
        "das",
        "dem",
        "den",
        "des",
        "am",
        "im",
        "zum",
        "vom",
        "beim",
        "zur",
        "ihr",
        "sein",
        "Der",
        "Die",
        "Das",
        "Am",
        "Im",
    ]
)

_BEFORE_DAY = "|".join(
    rf"(?<=\b{word}\s)" for word in ("am", "vom", "bis", "ab", "jeden", "nächsten", "letzten")
)
_YEAR_DIGITS = 4


class German(Language):
    code = "de"
    point = "Komma"
    digit_by_digit = True
    to = "bis"
    fraction_conjunction = "ein"
    percent = "Prozent"
    per_mille = "Promille"
    contextual: ClassVar = (
        (rf"(?:{_BEFORE_DAY})Fr\.", "Freitag"),
        (r"(?<=\d\s)Min\.", "Minuten"),
        (r"(?<=\d\s)Std\.", "Stunden"),
        (r"Art\.(?=\s?\d)", "Artikel"),
        (r"Abs\.(?=\s?\d)", "Absatz"),
        (r"Fr\.(?=,|\s?\d|\s{0,9}$)", "Freitag"),
    )
    noun = re.compile(r"[A-ZÄÖÜ]")
    masculine_agreement = ((r"eins$", "ein"),)
    feminine_agreement = ((r"eins$", "eine"),)
    ruler_mark = r"\.?"
    century_pattern = r"(?<!\w)(?P<roman>[IVX]+)\.(?=\s(?:Jahrhundert|Jh\.))"
    ordinal_pattern = rf"(?:{_ARTICLE})(?P<n>\d{{1,3}})\.(?=\s[^\W\d])"
    day_month_pattern = (
        r"{start}(?P<day>\d{{1,2}}\.)\s?(?P<month>{months})(?!\w)(?:\s(?P<year>\d{{4}})(?!\w))?"
    )
    span_pattern = r"(?P<span>(?P<first>\d{{1,2}})\.{range}(?P<last>\d{{1,2}})\.)(?=\s?(?:{months})(?!\w))"
    scale_pattern = r"Mio\.|Mrd\."
    short_date_pattern = r"(?P<a>\d{1,2})\.(?P<b>\d{1,2})\.(?!\d)"
    hour_sign = r"(?::|\.(?=\d\d[ \u00a0]?Uhr))"
    hour_words = "Uhr"
    decade_pattern = r"['’]?(?P<n>\d{1,4})er[ns]?"
    hour_pattern = r"(?P<hour>2[0-4]|1\d|\d)[ \u00a0](?P<word>Uhr)(?!\w)"

    def ordinal(self, number: int, mark: str = "", before: str = "") -> str:
        """Returns the ordinal with the ending that the article before it asks for."""
        base = super().ordinal(number)
        if _DATIVE.search(before.rstrip()):
            return f"{base}n"
        return base if _NOMINATIVE.search(before.rstrip()) else f"{base}r"

    def year(self, number: int) -> str:
        if not 1100 <= number < 2000:
            return self.cardinal(number)
        century, rest = divmod(number, 100)
        return f"{self.cardinal(century)}hundert{self.cardinal(rest) if rest else ''}"

    def scale(self, written: str, amount: Decimal) -> str:
        one = amount == 1
        return {"Mio.": "Million" if one else "Millionen", "Mrd.": "Milliarde" if one else "Milliarden"}[
            written
        ]

    def fraction(self, above: int, below: int) -> str | None:
        return "ein halb" if (above, below) == (1, 2) else super().fraction(above, below)

    def day(self, number: int, before: str) -> str:
        return self.ordinal(number, before=before)

    def time(self, hour: int, minute: int, half: str, word: str) -> str:
        said = f"{self.agree(self.cardinal(hour), 'Uhr')} Uhr"
        return f"{said} {self.cardinal(minute)}" if minute else said

    def decade(self, digits: str, written: str, before: str, after: str) -> str | None:
        said = self.year(int(digits)) if len(digits) == _YEAR_DIGITS else self.cardinal(int(digits))
        return said + written.lstrip("'’")[len(digits) :]

    def ruler(self, number: int, name: str) -> str:
        article = "die" if name in self.vocabulary.queens else "der"
        return f"{article} {super().ordinal(number).capitalize()}"
