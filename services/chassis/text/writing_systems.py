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
KNOWN_SYSTEMS = frozenset({*_LATIN, *(system for systems in _BY_LANGUAGE.values() for system in systems)})


@lru_cache(maxsize=4096)
def system_of(character: str) -> str:
    """Returns the writing system of a letter, as Unicode names it; empty for other characters, and for
    writing systems of which no language is known here."""
    if unicodedata.category(character) not in _LETTERS:
        return ""
    system = unicodedata.name(character, "").partition(" ")[0]
    return system if system in KNOWN_SYSTEMS else ""


def foreign_letters(languages: Iterable[str], text: str) -> str:
    """Returns the first letters of a writing system in which none of the languages is written, if the text
    has two different letters of it; otherwise nothing. Languages are BCP 47 tags.
    """
    systems = {system for tag in languages for system in systems_of(tag)}
    found: dict[str, dict[str, None]] = {}
    for character in text:
        system = system_of(character)
        if system and system not in systems:
            found.setdefault(system, {})[character] = None
    enough = next((letters for letters in found.values() if len(letters) >= _ENOUGH_LETTERS), None)
    return "".join(list(enough or ())[:_SAMPLE_LETTERS])


def unreadable_letters(language: str, text: str) -> str:
    """Returns the first letters in which the language is written, but not in the writing system that its tag
    names: kanji for the tag ja-Hrkt."""
    own, whole = systems_of(language), systems_of(language.partition("-")[0])
    letters = (c for c in text if (system := system_of(c)) in whole and system not in own)
    return "".join(list(dict.fromkeys(letters))[:_SAMPLE_LETTERS])


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
