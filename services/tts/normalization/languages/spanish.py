"""Spanish: words and patterns for normalisation."""

import re
from decimal import Decimal
from typing import ClassVar

from babel import Locale

from services.tts.normalization.language import Language

_MAX_RULER_ORDINAL = 10

_SCALES = {"mill": "millones", "M": "millones"}


class Spanish(Language):
    code = "es"
    minus = "menos"
    point = "coma"
    to = "a"
    fraction_conjunction = "y"
    percent = "por ciento"
    per_mille = "por mil"
    contextual: ClassVar = ((r"[Nn]\.?[°º](?=\s?\d)", "número"),)
    money_conjunction = "con"
    noun = re.compile(
        r"(?!(?:por|con|que|para|sobre|entre|más|menos|hasta|como|son|era|fue|los|las|del)$)[^\W\d_]{3}"
    )
    masculine_agreement = ((r"\bveintiuno$", "veintiún"), (r"\buno$", "un"))
    feminine_agreement = ((r"uno$", "una"), (r"cientos\b", "cientas"))
    scale_pattern = r"(?:mil )?mill(?:ones|ón)(?!\w)(?: de)?|mill\.|M(?=€)"
    ordinal_pattern = r"(?P<n>\d{1,3})\.?(?P<mark>[ºªo°]|er)(?=\W|$)"
    decade_pattern = r"['’]?(?P<n>[2-9]0)['’]?s"
    phone_pattern = (
        r"(?![\d ]{0,9} 000)(?:[6-9]\d\d(?: \d{3}){2}|[6-9]\d\d(?: \d\d){3}|9\d \d\d\d(?: \d\d){2})"
    )
    hour_words = "horas|h"

    def __init__(self, locale: Locale) -> None:
        """Takes a plain space between groups of digits too, as the Academy writes them."""
        super().__init__(locale)
        self.group_signs += " "

    def scale(self, written: str, amount: Decimal) -> str:
        short = written.rstrip(".").removesuffix(" de")
        return f"{_SCALES.get(short, short)} de"

    def ordinal(self, number: int, mark: str = "", before: str = "") -> str:
        said = super().ordinal(number)
        if mark == "er":
            return said.removesuffix("o")
        return " ".join(f"{word[:-1]}a" for word in said.split()) if mark == "ª" else said

    def decade(self, digits: str, written: str, before: str, after: str) -> str | None:
        return f"{self.cardinal(int(digits))}s" if before.lower().endswith(("los", "años")) else None

    def day(self, number: int, before: str) -> str:
        return "primero" if number == 1 else self.cardinal(number)

    def date(self, day: int, month: int, year: int | None, before: str) -> str:
        said = f"{self.day(day, before)} de {self.month(month)}"
        return said if year is None else f"{said} de {self.year(year)}"

    def time(self, hour: int, minute: int, half: str, word: str) -> str:
        said = self.agree(self.cardinal(hour), "horas")
        if not minute:
            return f"{said} {'hora' if hour == 1 else 'horas'}"
        return f"{said} {'y ' if minute < 10 else ''}{self.cardinal(minute)}{' horas' if word else ''}"

    def ruler(self, number: int, name: str) -> str:
        if number > _MAX_RULER_ORDINAL:
            return self.cardinal(number)
        return self.ordinal(number, "ª" if name in self.vocabulary.queens else "")
