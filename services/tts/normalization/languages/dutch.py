"""Dutch: words and patterns for normalisation."""

from decimal import Decimal

from services.tts.normalization.language import Language


class Dutch(Language):
    code = "nl"
    minus = "min"
    point = "komma"
    digit_by_digit = True
    to = "tot"
    fraction_conjunction = "en"
    percent = "procent"
    per_mille = "promille"
    century_pattern = r"(?<!\w)(?P<roman>[IVX]+)e(?=\seeuw)"
    ordinal_pattern = r"(?P<n>\d{1,3})(?:ste|de|e)"
    scale_pattern = r"(?:miljoen|miljard)(?!\w)|mln\.?(?!\w)|mld\.?(?!\w)"
    hour_sign = r"(?::|\.(?=\d\d[ \u00a0]?uur))"
    hour_words = "uur|u"
    hour_pattern = r"(?P<hour>2[0-4]|1\d|\d)[ \u00a0](?P<word>uur)(?!\w)"

    def scale(self, written: str, amount: Decimal) -> str:
        return {"mln": "miljoen", "mld": "miljard"}.get(written.rstrip("."), written)

    def ordinal(self, number: int, mark: str = "", before: str = "") -> str:
        return super().ordinal(number)

    def year(self, number: int) -> str:
        if not 1100 <= number < 2000:
            return self.cardinal(number)
        century, rest = divmod(number, 100)
        return f"{self.cardinal(century)}honderd{f' {self.cardinal(rest)}' if rest else ''}"

    def day(self, number: int, before: str) -> str:
        return self.cardinal(number)

    def time(self, hour: int, minute: int, half: str, word: str) -> str:
        said = f"{self.cardinal(hour)} uur"
        return f"{said} {self.cardinal(minute)}" if minute else said

    def ruler(self, number: int, name: str) -> str:
        return f"de {super().ordinal(number).capitalize()}"
