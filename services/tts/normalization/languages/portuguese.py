"""Portuguese, of Portugal and of Brazil: words and patterns for normalisation."""

from decimal import Decimal
from typing import ClassVar

from babel import Locale

from services.tts.normalization.language import Language

_MAX_RULER_ORDINAL = 10

_SCALES = {"mi": "milhões", "M": "milhões", "bi": "bilhões"}


class Portuguese(Language):
    minus = "menos"
    point = "vírgula"
    to = "a"
    fraction_conjunction = "e"
    percent = "por cento"
    per_mille = "por mil"
    contextual: ClassVar = ((r"[Nn]\.?[°º](?=\s?\d)", "número"),)
    money_conjunction = "e"
    feminine_agreement = ((r"\bum$", "uma"), (r"\bdois$", "duas"), (r"entos\b", "entas"))
    scale_pattern = r"(?:mil )?(?:mil|bil|tril)(?:hões|hão)(?!\w)(?: de)?|(?:mi|bi)(?!\w)|M(?=€)"
    ordinal_pattern = r"(?P<n>\d{1,3})\.?(?P<mark>[ºª°])"
    day_month_pattern = (
        r"{start}(?P<day>\d{{1,2}}[º°]?)\s(?:de\s)?(?P<month>{months})(?!\w)"
        r"(?:\s(?:de\s)?(?P<year>\d{{4}})(?!\w))?"
    )
    phone_pattern = r"(?![\d ]{0,9} 000)[29]\d\d(?: \d{3}){2}|(?:\(?\d\d\)? )?9\d{4}-\d{4}"
    hour_sign = r"(?::|h)"
    hour_words = "horas|h|min"
    hour_pattern = r"(?P<hour>2[0-4]|1\d|\d)[ \u00a0]?(?P<word>h)(?![\w/])"

    def __init__(self, locale: Locale) -> None:
        """Takes Portuguese without a region as that of Portugal, as the BCP 47 tags of voices do."""
        super().__init__(locale if locale.territory else Locale("pt", "PT"))
        self.code = "pt_BR" if locale.territory == "BR" else "pt"

    def scale(self, written: str, amount: Decimal) -> str:
        short = written.rstrip(".").removesuffix(" de")
        return f"{_SCALES.get(short, short)} de"

    def ordinal(self, number: int, mark: str = "", before: str = "") -> str:
        said = super().ordinal(number)
        return " ".join(f"{word[:-1]}a" for word in said.split()) if mark == "ª" else said

    def day(self, number: int, before: str) -> str:
        return "primeiro" if number == 1 else self.cardinal(number)

    def date(self, day: int, month: int, year: int | None, before: str) -> str:
        said = f"{self.day(day, before)} de {self.month(month)}"
        return said if year is None else f"{said} de {self.year(year)}"

    def time(self, hour: int, minute: int, half: str, word: str) -> str:
        said = self.agree(self.cardinal(hour), "horas")
        if minute and not word:
            return f"{said} e {self.cardinal(minute)}"
        said = f"{said} {'hora' if hour == 1 else 'horas'}"
        return f"{said} e {self.cardinal(minute)}" if minute else said

    def ruler(self, number: int, name: str) -> str:
        if number > _MAX_RULER_ORDINAL:
            return self.cardinal(number)
        return self.ordinal(number, "ª" if name in self.vocabulary.queens else "")
