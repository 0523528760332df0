"""English: words and patterns for normalisation."""

import re
from decimal import Decimal
from typing import ClassVar

from babel import Locale

from services.tts.normalization.language import NEAR_CHARACTERS, Language

_SENTENCE_STARTS = "The|A|An|He|She|It|We|They|You|I|This|That|There|In|On|At|And|But|If|When|Then|No|Our|My"
_MONTH_FIRST = frozenset({"US", "PH", ""})
_AFTER_FIRST = re.compile(r"$|[.,;:!?)’']|\s(?:of|was|is|had|and|in|became|died|ruled|reigned|[A-Z(])")
"""Pattern of what may stand after "Charles I"."""
_BEFORE_DECADE = re.compile(
    r"(?:^|\W)(?:the|his|her|their|my|our|your|its|early|mid|late)(?:\W+(?:early|mid|late))?"
    r"(?:\W+\d0[’']?s(?:\s?[,/–-]\s?|\s(?:and|or|to|through)$))*[\s-]*$",
    re.IGNORECASE,
)
_AFTER_DECADE = re.compile(
    r"[\s-](?:music|hits?|songs?|pop|rock|disco|movies?|films?|tv|fashion|style|styles|kids?|era|classics?|vibes?"
    r"|nostalgia|babies|party|night)(?!\w)"
)
_YEARS = re.compile(r"[1-9]\d\d0")
_SECONDS = re.compile(
    r"[\s-](?:timeout|delay|limit|window|mark|video|clip|ad|loop|timer|interval|break)s?(?!\w)"
)
"""Pattern of a noun after a duration, as in "the 30s timeout"."""
_MANY_DIGITS = 3
_ROUND = re.compile(r"10{1,9}")
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
        (rf"St\.(?=\s{{0,9}}$|\s(?:{_SENTENCE_STARTS})\s)", "Street."),
        (r"St\.(?=\s[A-Z])", "Saint"),
        (r"St\.", "Street"),
        (r"Nos\.(?=\s?\d)", "numbers"),
        (r"No\.(?=\s?\d)", "number"),
        (r"pp\.(?=\s?\d)", "pages"),
        (r"p\.(?=\s?\d)", "page"),
        (r"[Ff]ig\.(?=\s?\d)", "figure"),
        (r"w/o(?!\w)", "without"),
        (r"w/(?=\s)", "with"),
        (r"(?<=\d\s)in\.(?=\s[a-z])", "inches"),
        (r"[Vv]ol\.(?=\s?[\dIVX])", "volume"),
        (r"[Cc]h\.(?=\s?[\dIVX])", "chapter"),
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
    span_pattern = (
        r"(?P<month>{months})\s(?P<span>(?P<first>\d{{1,2}}){range}(?P<last>\d{{1,2}}))(?![\w:/.,]\d|\w)"
    )
    hour_pattern = (
        r"(?P<hour>1[0-2]|[1-9])[ \u00a0]?(?P<half>[aApP])(?:[mM]|\.[mM](?:\.(?!\s+[A-Z]|\s*$))?)(?!\w)"
    )

    decade_pattern = r"['’‘]?(?P<n>\d{1,4}|\d{1,3}(?:,\d{3}){1,3})['’]?s"
    phone_pattern = r"\d{3} \d{3} \d{4}|(?:(?<=[Cc]all )|(?<=[Dd]ial )|(?<=[Dd]ialed ))\d{3}"

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

    def short_year(self, digits: str) -> str:
        return f"oh {self.cardinal(int(digits))}" if digits[0] == "0" else self.cardinal(int(digits))

    def decade(self, digits: str, written: str, before: str, after: str) -> str | None:
        """Tells decades from seconds: "in the 30s", but "for 30s"."""
        bare = digits.replace(",", "")
        if _ROUND.fullmatch(bare) and after.startswith(" of "):
            return " of ".join(map(_plural, self.cardinal(int(bare)).removeprefix("one ").split()))
        if _YEARS.fullmatch(digits):
            return self._decade_of(*divmod(int(digits), 100))
        if _SECONDS.match(after) or (len(digits) < _MANY_DIGITS and digits[-1] != "0"):
            return None
        marked = not written[0].isdigit() or not written[-2].isdigit()
        if not (marked or _BEFORE_DECADE.search(before) or _AFTER_DECADE.match(after)):
            return None
        return "two thousands" if digits == "00" else _plural(self.cardinal(int(bare)))

    def _decade_of(self, century: int, rest: int) -> str:
        if rest:
            return f"{self.cardinal(century)} {_plural(self.cardinal(rest))}"
        thousands, hundreds = divmod(century, 10)
        return f"{self.cardinal(century)} hundreds" if hundreds else f"{self.cardinal(thousands)} thousands"

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

    def with_seconds(self, time: str, second: int, half: str) -> str:
        return super().with_seconds(time.removesuffix(" o’clock"), second, half)

    def ruler(self, number: int, name: str) -> str:
        return f"the {self.ordinal(number)}"

    def is_numeral(self, match: re.Match[str]) -> bool:
        """Tells a numeral from the pronoun: "Part I", "Charles I of England", but "the part I like"."""
        if match["roman"] != "I":
            return True
        rest = match.string[match.end() : match.end() + NEAR_CHARACTERS]
        return match["name"][0].isupper() and (
            match["name"].lower() in self.vocabulary.counted or _AFTER_FIRST.match(rest) is not None
        )


def _plural(number: str) -> str:
    if number.endswith("y"):
        return f"{number[:-1]}ies"
    return f"{number}es" if number.endswith("x") else f"{number}s"
