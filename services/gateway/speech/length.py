"""Estimates how long a script takes to speak, before it is spoken. Pure."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

CHARACTERS_PER_SECOND = 14.0
"""Letters, spaces and punctuation of languages with an alphabet, at a normal rate."""
SYLLABLES_PER_SECOND = 4.5
"""Characters that are a syllable each: Chinese, Japanese and Korean."""
MAX_SILENCE_SECONDS = 600.0
"""As much as the TTS service lets breaks add up to; it refuses more."""
_EMOTION = re.compile(r"\[[a-zA-Z]{1,20}\]")
_BREAK = re.compile(r"""<break[^>]{0,100}?time\s{0,5}=\s{0,5}["'](\d{1,6}(?:\.\d{1,3})?)(m?s)["']""")
_MARKUP = re.compile(r"<[^<>]{0,2000}>")


@lru_cache(maxsize=128)
def spoken_seconds(text: str, *, speed: float = 1.0, ssml: bool = False) -> float:
    """Returns the expected seconds of speech.

    They depend on the arguments alone, never on measured times, so that the same request is always planned
    alike.
    """
    silence = 0.0
    if ssml:
        breaks = (float(time) / (1000 if unit == "ms" else 1) for time, unit in _BREAK.findall(text))
        silence = min(sum(breaks), MAX_SILENCE_SECONDS)
        text = _MARKUP.sub("", text)
    spoken = " ".join(_EMOTION.sub("", text).split())
    syllables = 0 if spoken.isascii() else syllables_in(spoken)
    seconds = (len(spoken) - syllables) / CHARACTERS_PER_SECOND + syllables / SYLLABLES_PER_SECOND
    return silence + seconds / speed


def syllables_in(text: str) -> int:
    """Returns how many characters are a syllable each. Asks for each different one once."""
    return sum(count for character, count in Counter(text).items() if is_syllable(character))


def is_syllable(character: str) -> bool:
    """Returns whether the character is a Chinese one, or of a Japanese or Korean script."""
    return character >= "\u1100" and unicodedata.east_asian_width(character) == "W"
