"""French: words and patterns for normalisation."""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from services.tts.normalization.language import Language


class French(Language):
    code = "fr"
    minus = "moins"
    point = "virgule"
    to = "à"
    fraction_conjunction = "et"
    percent = "pour cent"
    per_mille = "pour mille"
    contextual: ClassVar = ((r"n[°º]s?(?=\s?\d)", "numéro"), (r"pp?\.(?=\s?\d)", "page"))
    feminine_agreement = ((r"\bun$", "une"),)
    century_pattern = r"(?<!\w)(?P<roman>[IVX]+)(?:er|e|ème)(?=\s(?:siècle|arrondissement|République))"
    ordinal_pattern = r"(?P<n>\d{1,3})(?P<mark>ers?|res?|ères?|ᵉʳ|ndes?|nds?|ièmes?|èmes?|es?|ᵉ)"
    day_month_pattern = (
        r"{start}(?P<day>\d{{1,2}}(?:er)?)\s(?P<month>{months})(?!\w)(?:\s(?P<year>\d{{4}})(?!\w))?"
    )
    scale_pattern = r"(?:millions?|milliards?) (?:d[’']|de )?|M(?=€)|Md(?=€)"
    ruler_mark = r"(?:er|re|ère)?"
    hour_sign = r"(?::|[ \u00a0]?h[ \u00a0]?)"
    hour_words = "min|mn"
    hour_pattern = r"(?P<hour>2[0-4]|1\d|\d)[ \u00a0]?(?P<word>h)(?![\w/])"

    def ordinal(self, number: int, mark: str = "", before: str = "") -> str:
        said = super().ordinal(number)
        if number == 1:
            said = "première" if mark.startswith(("re", "ère")) else "premier"
        elif number == 2 and mark.startswith("nd"):
            said = "seconde" if mark.startswith("nde") else "second"
        return f"{said}s" if mark.endswith("s") else said

    def scale(self, written: str, amount: Decimal) -> str:
        known = {"M": "millions d’", "Md": "milliards d’"}
        return known.get(written, written.strip())

    def ruler(self, number: int, name: str) -> str:
        if number > 1:
            return self.cardinal(number)
        return "première" if name in self.vocabulary.queens else "premier"

    def day(self, number: int, before: str) -> str:
        return "premier" if number == 1 else self.cardinal(number)

    def time(self, hour: int, minute: int, half: str, word: str) -> str:
        said = f"{self.agree(self.cardinal(hour), 'heure')} {'heure' if hour < 2 else 'heures'}"
        return f"{said} {self.cardinal(minute)}" if minute else said

    def _is_one(self, amount: Decimal) -> bool:
        return amount < 2

    def phone(self, groups: Sequence[str]) -> str:
        """Returns the number in pairs, as they are written."""
        return ", ".join(
            self.cardinal(int(group)) if len(group) == 2 and group[0] != "0" else self.digits(group)
            for group in groups
        )
