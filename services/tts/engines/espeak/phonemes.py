"""Translates IPA into the phoneme names of a voice, found by having the voice say each of its phonemes."""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.chassis.errors import InvalidArgument
from services.tts.engines.espeak.library import Event, EventKind
from services.tts.engines.espeak.safe_text import grouped

_SEPARATOR, _NEXT_GROUP = "|", "]] [["
_STRESS_MARKS = {"ˈ": "'", "ˌ": ",", "'": "'"}
_WITHOUT_SOUND = frozenset(".‿|‖ -↗↘\u0361\u035c")
_MAX_SIGNS = 6
# Where a voice lacks a phoneme, the first of these neighbours is taken, or one of their neighbours.
_NEIGHBOURS = (
    *("aɑäæɐʌɒ", "ɒɔoäɑ", "eɛøœæë", "iɪyʏɨᵻ", "oɔɤöø", "uʊʉɯɨ", "əɜɝɚɘɵɞɐɤœ", "ɚɝəɜ", "yʏi", "øœe", "ɶa"),
    *("rɹʁɾɻɽʀ", "lɫɭʎɬɮʟ", "ʋvwβ", "wʍʋɥ", "jʝɥi", "ɡɣkɢɠʛɰ", "bβpɓʙ", "dðtɖɗ", "pb", "tʈd", "kqɡ"),
    *("fɸv", "vfβʋ", "θtsf", "ðdz", "szʃɬ", "zsʒ", "ʃʂɕsʒç", "ʒʐʑʃz", "çʃxh", "xχhkħ", "hɦħxχʜ", "χxʁ"),
    *("ɲŋnj", "ŋɲnɴ", "nɳŋ", "mɱ", "ɟdʝɡ", "cktç", "ʎlj"),
)
_SILENT_IF_MISSING = frozenset("ʔʕ")


@dataclass(frozen=True, slots=True)
class Mnemonic:
    """A phoneme by the name that the library takes between [[ and ]]."""

    name: str
    is_vowel: bool


Spelling = Mapping[str, Mnemonic]
"""The phonemes of a voice by their IPA with length marks."""


def probe(known: Sequence[Mnemonic], say: Callable[[str], Iterable[Event]]) -> Spelling:
    """Returns the phonemes by the IPA that the voice gives when `say` speaks each of them.

    A vowel is said with stress and before a consonant, a consonant after a pause and before a vowel:
    elsewhere many change into others.
    """
    text, starts = "", list[int]()
    for each in known:
        starts.append(len(text))
        text += f"[['{each.name}|t]], " if each.is_vowel else f"[[{each.name}|@]], "
    heard: list[list[str]] = [[] for _ in known]
    word = 0
    for event in say(text):
        if event.kind is EventKind.WORD:
            word = max(0, bisect_right(starts, event.position) - 1)
        elif event.kind is EventKind.PHONEME and event.phoneme and known:
            heard[word].append(event.phoneme)
    found: dict[str, Mnemonic] = {}
    for mnemonic, sounds in zip(known, heard, strict=True):
        if len(sounds) == 2:
            found.setdefault(_bare(sounds[0]), mnemonic)
    return found


def spell(ipa: str, spelling: Spelling) -> str:
    """Returns the phoneme names of `ipa`, or the nearest ones that the voice has, to stand between [[ and ]].

    Without a stress mark the first vowel is stressed. Raises `InvalidArgument` for a sound to which the
    voice has nothing similar.
    """
    stress = "" if set(ipa) & _STRESS_MARKS.keys() else "'"
    names: list[str] = []
    position = 0
    while position < len(ipa):
        sign = ipa[position]
        if sign in _STRESS_MARKS:
            stress, position = _STRESS_MARKS[sign], position + 1
            continue
        mnemonic, length = _longest(ipa, position, spelling)
        position += length
        if mnemonic is not None:
            names.append(stress + mnemonic.name if mnemonic.is_vowel else mnemonic.name)
            stress = "" if mnemonic.is_vowel else stress
    return _NEXT_GROUP.join(map(_SEPARATOR.join, grouped(names)))


def _longest(ipa: str, position: int, spelling: Spelling) -> tuple[Mnemonic | None, int]:
    """Returns the phoneme at `position` and its number of signs; `None` for a mark without sound."""
    for length in range(min(_MAX_SIGNS, len(ipa) - position), 0, -1):
        if found := spelling.get(ipa[position : position + length]):
            return found, length
    sign = ipa[position]
    if sign in _WITHOUT_SOUND or unicodedata.category(sign) in ("Mn", "Lm", "Sk"):
        return None, 1
    return _nearest(sign, spelling), 1


def _nearest(sign: str, spelling: Spelling) -> Mnemonic | None:
    near = _neighbours(sign)
    for other in (*near, *(far for each in near for far in _neighbours(each))):
        if found := spelling.get(other) or spelling.get(other + "ː"):
            return found
    if sign in _SILENT_IF_MISSING:
        return None
    raise InvalidArgument(f"the voice has no phoneme like {sign!r}: write another in its place")


def _neighbours(sign: str) -> list[str]:
    sign = unicodedata.normalize("NFC", sign)
    return [unicodedata.normalize("NFD", other) for group in _NEIGHBOURS if sign in group for other in group]


def _bare(name: str) -> str:
    """Returns the IPA decomposed, without stress and ties."""
    decomposed = unicodedata.normalize("NFD", name).replace("c\u0327", "ç")
    return "".join(c for c in decomposed if c not in _STRESS_MARKS and c not in _WITHOUT_SOUND)
