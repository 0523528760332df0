"""Tells whether a text is written with the letters of languages."""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

_LATIN = ("LATIN",)
_HAN = ("CJK",)
_ENOUGH_LETTERS = 2
"""Different letters that make a text sayable: in some languages one alone is silent, as ж in Kyrgyz."""
_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo"})

_BY_LANGUAGE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("am", "ti"), ("ETHIOPIC",)),
    **dict.fromkeys(("ar", "fa", "ps", "sd", "ug", "ur"), ("ARABIC",)),
    **dict.fromkeys(("as", "bn", "bpy"), ("BENGALI",)),
    **dict.fromkeys(
        ("ba", "be", "bg", "cv", "kk", "ky", "mk", "mn", "nog", "ru", "sr", "tg", "tt", "uk"), ("CYRILLIC",)
    ),
    **dict.fromkeys(("cmn", "hak", "nan", "yue", "zh"), _HAN),
    **dict.fromkeys(("el", "grc"), ("GREEK",)),
    **dict.fromkeys(("he", "yi"), ("HEBREW",)),
    **dict.fromkeys(("hi", "kok", "mr", "ne", "sa"), ("DEVANAGARI",)),
    **dict.fromkeys(("hy", "hyw"), ("ARMENIAN",)),
    **dict.fromkeys(("my", "shn"), ("MYANMAR",)),
    "bo": ("TIBETAN",),
    "chr": ("CHEROKEE",),
    "gu": ("GUJARATI",),
    "ja": ("HIRAGANA", "KATAKANA", *_HAN),
    "ka": ("GEORGIAN",),
    "km": ("KHMER",),
    "kn": ("KANNADA",),
    "ko": ("HANGUL",),
    "lo": ("LAO",),
    "ml": ("MALAYALAM",),
    "or": ("ORIYA",),
    "pa": ("GURMUKHI",),
    "si": ("SINHALA",),
    "ta": ("TAMIL",),
    "te": ("TELUGU",),
    "th": ("THAI",),
}
"""Writing systems of the languages that are not written with Latin letters, as Unicode names them."""
_BY_SUBTAG: Mapping[str, tuple[str, ...]] = {
    "latn": _LATIN,
    "cyrl": ("CYRILLIC",),
    "arab": ("ARABIC",),
    "hans": _HAN,
    "hant": _HAN,
    "hrkt": ("HIRAGANA", "KATAKANA"),
}
_SAMPLE_LETTERS = 10
READERS: Mapping[str, tuple[str, ...]] = {
    "LATIN": ("en",),
    "CJK": ("zh", "cmn"),
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "HANGUL": ("ko",),
    "CYRILLIC": ("ru",),
    "GREEK": ("el",),
    "ARABIC": ("ar",),
    "HEBREW": ("he",),
    "DEVANAGARI": ("hi",),
    "BENGALI": ("bn",),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "GUJARATI": ("gu",),
    "GURMUKHI": ("pa",),
    "KANNADA": ("kn",),
    "MALAYALAM": ("ml",),
    "ORIYA": ("or",),
    "SINHALA": ("si",),
    "THAI": ("th",),
    "LAO": ("lo",),
    "KHMER": ("km",),
    "MYANMAR": ("my",),
    "TIBETAN": ("bo",),
    "GEORGIAN": ("ka",),
    "ARMENIAN": ("hy",),
    "ETHIOPIC": ("am",),
    "CHEROKEE": ("chr",),
}
"""Languages by writing system, the commonest first."""
KNOWN_SYSTEMS = frozenset({*_LATIN, *(system for systems in _BY_LANGUAGE.values() for system in systems)})


@lru_cache(maxsize=4096)
def system_of(character: str) -> str:
    """Returns the writing system of a letter, as Unicode names it; empty for other characters, and for
    writing systems of which no language is known here."""
    if unicodedata.category(character) not in _LETTERS:
        return ""
    system = unicodedata.name(character, "").partition(" ")[0]
    return system if system in KNOWN_SYSTEMS else ""


def letters_by_system(text: str) -> dict[str, str]:
    """Returns the first different letters of each writing system that the text has."""
    found: dict[str, str] = {}
    for character in dict.fromkeys(text):
        system = system_of(character)
        if system and len(found.get(system, "")) < _SAMPLE_LETTERS:
            found[system] = found.get(system, "") + character
    return found


def foreign_letters(languages: Iterable[str], letters: Mapping[str, str]) -> str:
    """Returns letters of a writing system in which none of the languages is written, if there are two
    different ones; otherwise nothing. Languages are BCP 47 tags, `letters` those of `letters_by_system`.
    """
    known = {system for tag in languages for system in systems_of(tag)}
    foreign = (found for system, found in letters.items() if system not in known)
    return next((found for found in foreign if len(found) >= _ENOUGH_LETTERS), "")


def unreadable_letters(language: str, letters: Mapping[str, str]) -> str:
    """Returns letters in which the language is written, but not in the writing system that its tag names:
    kanji for the tag ja-Hrkt."""
    own, whole = systems_of(language), systems_of(language.partition("-")[0])
    return "".join(found for system, found in letters.items() if system in whole and system not in own)


def language_of_system(system: str) -> str:
    """Returns the commonest language that is written so; empty for an unknown writing system."""
    return READERS.get(system, ("",))[0]


def has_letters_of(language: str, text: str) -> bool:
    """Returns whether the text has two different letters of the writing system of a language.

    `language` is a BCP 47 tag. False if the tag names a writing system that is not known here.
    """
    systems = systems_of(language)
    found: set[str] = set()
    for character in text:
        if character in found or unicodedata.category(character) not in _LETTERS:
            continue
        if unicodedata.name(character, "").partition(" ")[0] in systems:
            found.add(character)
            if len(found) == _ENOUGH_LETTERS:
                return True
    return False


@lru_cache(maxsize=512)
def systems_of(tag: str) -> tuple[str, ...]:
    """Returns the writing systems of a BCP 47 tag; none if it names one that is not known here."""
    language, *subtags = tag.lower().split("-")
    for subtag in subtags:
        if len(subtag) == 4 and subtag.isalpha():
            return _BY_SUBTAG.get(subtag, ())
    return _BY_LANGUAGE.get(language, _LATIN)
