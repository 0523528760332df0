"""Lists the library's voice files as preset voices with stable ids."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.chassis.engine_api.spec import Voice
from services.chassis.errors import VoiceUnknown
from services.tts.engines.espeak.library import VoiceFile

_GENDERS = {1: "male", 2: "female"}
_FIRST = frozenset({"en-us", "fr-fr", "es", "pt", "cmn"})
"""Voices that speak for their language where none of its regions is asked for."""
_SCRIPTS = {"ja": "ja-Hrkt"}
"""Tags of languages of which the library knows only some letters: it cannot read kanji."""


@dataclass(frozen=True, slots=True)
class EspeakVoice:
    voice: Voice
    identifier: str


def build_voices(files: Iterable[VoiceFile]) -> dict[str, EspeakVoice]:
    """Returns the voices by id: the first language in lower case, or the file name where that id is taken.

    Of voices of one language, the one for all regions comes first.
    """
    voices: dict[str, EspeakVoice] = {}
    for file in files:
        tag = file.tags[0].lower()
        own = tag if tag not in voices else file.identifier.rpartition("/")[2].lower()
        language = canonical_tag(_SCRIPTS.get(own, own))
        voice = Voice(own, file.name, language, _GENDERS.get(file.gender, ""))
        voices[own] = EspeakVoice(voice, file.identifier)
    return {own: voices[own] for own in sorted(voices, key=lambda own: own not in _FIRST)}


def find_voice(voices: Mapping[str, EspeakVoice], wanted: str) -> EspeakVoice:
    if found := voices.get(wanted):
        return found
    near = difflib.get_close_matches(wanted.lower(), voices, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "for example en-us, en-gb, de, fr-fr"
    raise VoiceUnknown(f"espeak has no voice {wanted!r}: {hint}")


def canonical_tag(tag: str) -> str:
    """Returns a BCP 47 tag in its usual case: `en-gb-x-rp` gives `en-GB-x-rp`, `fa-latn` gives `fa-Latn`."""
    language, *rest = tag.lower().split("-")
    parts = [language]
    private = False
    for part in rest:
        private = private or len(part) == 1
        parts.append(part if private else _cased(part))
    return "-".join(parts)


def _cased(part: str) -> str:
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part
