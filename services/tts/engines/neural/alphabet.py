"""The phonetic alphabet of Kokoro and its relatives: IPA, with letters for diphthongs and affricates."""

import unicodedata
from collections.abc import Mapping

from services.chassis.errors import InvalidArgument

STRESS_MARKS = {"ˈ": 2, "ˌ": 1}
SPACE = " "
PAUSES = frozenset(";:,.!?—…")
"""Signs during which a voice may be silent."""
_UNHEARD = frozenset('"()“”↓→↗↘')
_LENGTH_AND_TONE = frozenset("ːʰʲ̃")
_LONG = {"A": "eɪ", "I": "aɪ", "W": "aʊ", "O": "oʊ", "Q": "əʊ", "Y": "ɔɪ"} | {
    "ʣ": "dz",
    "ʤ": "dʒ",
    "ʥ": "dʑ",
    "ʦ": "ts",
    "ʧ": "tʃ",
    "ʨ": "tɕ",
    "ꭧ": "ʈʂ",
    "ᵊ": "ə",
    "ᵝ": "w",
    "ᵻ": "ᵻ",
    "T": "ɾ",
    "S": "s",
}
"""IPA of the letters that are not IPA themselves."""
VOWELS = frozenset("AIWOQYaeiouyæɐɑɒɔəɚɛɜɨɪɯɤøœʊʌᵊᵻ")
_SHORT = {ipa: sign for sign, ipa in _LONG.items() if len(ipa) > 1}
_NEAR = {
    "ɝ": "ɜɹ",
    "ɚ": "əɹ",
    "r": "ɹ",
    "ɫ": "l",
    "g": "ɡ",
    "ʍ": "w",
    "ɬ": "l",
    "ʙ": "b",
    "ʀ": "ʁ",
    "ɱ": "m",
    "ɘ": "ə",
    "ɵ": "ə",
    "ɞ": "ɜ",
    "ʉ": "u",
    "ʏ": "y",
    "ɶ": "œ",
    "ʕ": "ʔ",
    "ħ": "h",
    "ɦ": "h",
    "ʜ": "h",
    "ɓ": "b",
    "ɗ": "d",
    "ɠ": "ɡ",
    "ʛ": "ɡ",
    "ɢ": "ɡ",
    "ɺ": "ɾ",
    "ɮ": "l",
    "ɭ": "l",
    "ʟ": "l",
    "ɧ": "ʃ",
    "ʡ": "ʔ",
    "ʎ": "lj",
}
"""Sounds that the alphabet has not, and what comes nearest."""


def is_sound(sign: str) -> bool:
    """Returns whether the sign has a sound of its own."""
    return not (sign in STRESS_MARKS or sign == SPACE or sign in PAUSES or sign in _UNHEARD or modifies(sign))


def modifies(sign: str) -> bool:
    """Returns whether the sign belongs to the sound before it: length, aspiration, nasality."""
    return sign in _LENGTH_AND_TONE


def ipa_of(sign: str) -> str:
    """Returns the IPA of a sign with a sound."""
    return _LONG.get(sign, sign)


def signs_of_ipa(ipa: str, known: Mapping[str, int]) -> str:
    """Returns IPA in signs of the model, which `known` lists, with stress marks before the vowels that have
    the stress. Without a stress mark the first vowel is stressed.

    Raises `InvalidArgument` for a sound to which the model has nothing similar.
    """
    plain = unicodedata.normalize("NFD", ipa).replace("c\u0327", "ç").replace("\u0361", "").replace("'", "ˈ")
    signs, stress, position = "", "" if set(plain) & STRESS_MARKS.keys() else "ˈ", 0
    while position < len(plain):
        sign = _SHORT.get(plain[position : position + 2])
        letter = plain[position]
        position += 2 if sign else 1
        if letter in STRESS_MARKS:
            stress = letter
            continue
        written = sign or _known_signs(letter, known)
        if written[:1] in VOWELS:
            written, stress = stress + written, ""
        signs += written
    if not any(map(is_sound, signs)):
        raise InvalidArgument("the phonemes have no sound that the voice knows: write others")
    return signs


def _known_signs(letter: str, known: Mapping[str, int]) -> str:
    near = _NEAR.get(letter, "")
    if letter in known:
        return letter
    if near and all(each in known for each in near):
        return near
    if unicodedata.category(letter) in ("Mn", "Lm", "Sk", "Po", "Pd", "Sm", "Zs") or letter == "‖":
        return ""
    raise InvalidArgument(f"the voice has no phoneme like {letter!r}: write another in its place")
