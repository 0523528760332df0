"""Italian: words and patterns for normalisation."""

import re
from decimal import Decimal
from typing import ClassVar

from services.tts.normalization.language import Language

_SCALES = {"mln": "milioni", "M": "milioni", "mld": "miliardi", "Md": "miliardi"}


class Italian(Language):
    code = "it"
    minus = "meno"
    point = "virgola"
    to = "a"
    fraction_conjunction = "e"
    percent = "per cento"
    per_mille = "per mille"
    contextual: ClassVar = ((r"[Nn][°º.](?=\s?\d)", "numero"),)
    money_conjunction = "e"
    noun = re.compile(r"(?!(?:per|con|che|tra|fra|del|più|sono|della|come|fino|meno)$)[^\W\d_]{3}")
    masculine_agreement = ((r"^uno$", "un"),)
    feminine_agreement = ((r"^uno$", "una"),)
    century_pattern = r"(?<!\w)(?P<roman>[IVX]+)(?=\s(?:secolo|sec\.))"
    phone_pattern = r"3\d\d[ .]\d{3}[ .]?\d{3,4}"
    scale_pattern = r"(?:milion[ei]|miliard[oi])(?!\w)(?: di)?|(?:mln|mld)\.?(?!\w)|Md?(?=€)"
    ordinal_pattern = r"(?P<n>\d{1,3})\.?(?P<mark>[ºª°])"
    day_month_pattern = (
        r"{start}(?P<day>\d{{1,2}}[º°]?)\s(?P<month>{months})(?!\w)(?:\s(?P<year>\d{{4}})(?!\w))?"
    )

    def scale(self, written: str, amount: Decimal) -> str:
        short = written.rstrip(".").removesuffix(" di")
        return f"{_SCALES.get(short, short)} di"

    def ordinal(self, number: int, mark: str = "", before: str = "") -> str:
        said = super().ordinal(number)
        return f"{said[:-1]}a" if mark == "ª" else said

    def day(self, number: int, before: str) -> str:
        return "primo" if number == 1 else self.cardinal(number)

    def time(self, hour: int, minute: int, half: str, word: str) -> str:
        said = self.agree(self.cardinal(hour), "ore")
        return f"{said} e {self.cardinal(minute)}" if minute else said

    def ruler(self, number: int, name: str) -> str:
        return self.ordinal(number, "ª" if name in self.vocabulary.queens else "")
