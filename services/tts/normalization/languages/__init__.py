"""The languages whose numbers, dates and signs are normalised here; others are left to the engine."""

import functools

from babel import Locale, UnknownLocaleError

from services.tts.normalization.language import Language
from services.tts.normalization.languages.dutch import Dutch
from services.tts.normalization.languages.english import English
from services.tts.normalization.languages.french import French
from services.tts.normalization.languages.german import German
from services.tts.normalization.languages.italian import Italian
from services.tts.normalization.languages.portuguese import Portuguese
from services.tts.normalization.languages.spanish import Spanish

_LANGUAGES: dict[str, type[Language]] = {
    "de": German,
    "en": English,
    "es": Spanish,
    "fr": French,
    "it": Italian,
    "nl": Dutch,
    "pt": Portuguese,
}


@functools.cache
def find_language(tag: str) -> Language | None:
    """Returns the language of a BCP 47 tag, or `None`: `en-GB-x-rp` is read as `en-GB`."""
    base, *rest = tag.split("-")
    kind = _LANGUAGES.get(base.lower())
    if kind is None:
        return None
    region = rest[0] if rest and len(rest[0]) in (2, 3) else ""
    try:
        return kind(Locale.parse(f"{base}_{region}" if region else base))
    except (ValueError, UnknownLocaleError):
        return kind(Locale(base.lower()))
