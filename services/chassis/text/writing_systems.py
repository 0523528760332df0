"""Tells whether a text is written with the letters of a language."""

import unicodedata
from collections.abc import Mapping

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
}


def has_letters_of(language: str, text: str) -> bool:
    """Returns whether the text has two different letters of the writing system of a language.

    `language` is a BCP 47 tag. False if the tag names a writing system that is not known here.
    """
    systems = _systems_of(language)
    found: set[str] = set()
    for character in text:
        if character in found or unicodedata.category(character) not in _LETTERS:
            continue
        if unicodedata.name(character, "").partition(" ")[0] in systems:
            found.add(character)
            if len(found) == _ENOUGH_LETTERS:
                return True
    return False


def _systems_of(tag: str) -> tuple[str, ...]:
    language, *subtags = tag.lower().split("-")
    for subtag in subtags:
        if len(subtag) == 4 and subtag.isalpha():
            return _BY_SUBTAG.get(subtag, ())
    return _BY_LANGUAGE.get(language, _LATIN)
