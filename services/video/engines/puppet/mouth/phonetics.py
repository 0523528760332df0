"""Maps IPA to lip targets by the features of each sound."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from services.chassis.engine_api.timeline import Stress, TimedPhoneme
from services.video.engines.puppet.mouth.lip_pose import REST, LipPose

# Vowels: how open (0 close to 1 open), how far back (0 front to 1 back), and whether the lips are rounded.
_VOWELS: dict[str, tuple[float, float, bool]] = {
    "i": (0.0, 0.0, False),
    "y": (0.0, 0.0, True),
    "ɨ": (0.05, 0.5, False),
    "ʉ": (0.0, 0.5, True),
    "ɯ": (0.05, 1.0, False),
    "u": (0.0, 1.0, True),
    "ɪ": (0.2, 0.2, False),
    "ʏ": (0.15, 0.2, True),
    "ʊ": (0.2, 0.8, True),
    "e": (0.35, 0.0, False),
    "ø": (0.35, 0.0, True),
    "ɘ": (0.35, 0.5, False),
    "ɵ": (0.35, 0.5, True),
    "ɤ": (0.35, 1.0, False),
    "o": (0.35, 1.0, True),
    "ə": (0.35, 0.5, False),
    "ᵻ": (0.2, 0.4, False),
    "ɚ": (0.35, 0.6, True),
    "ɛ": (0.6, 0.0, False),
    "œ": (0.6, 0.0, True),
    "ɜ": (0.5, 0.5, False),
    "ɝ": (0.4, 0.6, True),
    "ɞ": (0.6, 0.5, True),
    "ʌ": (0.65, 0.8, False),
    "ɔ": (0.6, 1.0, True),
    "æ": (0.85, 0.0, False),
    "ɐ": (0.75, 0.5, False),
    "a": (1.0, 0.3, False),
    "ɶ": (0.9, 0.0, True),
    "ɑ": (1.0, 1.0, False),
    "ɒ": (0.9, 1.0, True),
}


class Place(Enum):
    """Places where consonants are made, as far as the lips show them."""

    BILABIAL = "pbmʙ"
    BILABIAL_FRICATIVE = "ɸβ"
    LABIODENTAL = "fvɱʋⱱ"
    LABIOVELAR = "wʍɥ"
    DENTAL = "θð"
    ALVEOLAR = "tdnlɾrɬɮɫɺǃ"
    SIBILANT = "szɕʑ"
    POSTALVEOLAR = "ʃʒɹɻʂʐʈɖɳɭɽ"
    PALATAL = "jcɟɲʎçʝ"
    BACK = "kgɡŋxɣqɢɴχʁʀɰ"
    GLOTTAL = "hɦʔħʕʜʢ"


@dataclass(frozen=True, slots=True)
class Viseme:
    """Lip target of a sound.

    `pose` is where the lips want to be, the weights say how strongly: of the opening and of the shape.
    """

    pose: LipPose
    opening_weight: float = 1.0
    shape_weight: float = 1.0


SILENCE = Viseme(REST, 1.6, 0.8)
_CONSONANTS: dict[Place, Viseme] = {
    Place.BILABIAL: Viseme(LipPose(jaw=0.02, press=1.0), 1.0, 0.15),
    Place.BILABIAL_FRICATIVE: Viseme(LipPose(open=0.045, jaw=0.03, width=-0.06, round=0.3), 1.2, 0.5),
    Place.LABIODENTAL: Viseme(LipPose(open=0.055, jaw=0.02, tuck=1.0), 1.2, 0.25),
    Place.LABIOVELAR: Viseme(LipPose(open=0.05, jaw=0.04, width=-0.18, round=1.0), 1.6, 2.0),
    Place.DENTAL: Viseme(LipPose(open=0.1, jaw=0.05, tongue=1.0), 1.0, 0.3),
    Place.ALVEOLAR: Viseme(LipPose(open=0.1, jaw=0.05, tongue=0.8), 0.7, 0.2),
    Place.SIBILANT: Viseme(LipPose(open=0.075, jaw=0.02, width=0.05, tongue=0.3), 1.3, 0.5),
    Place.POSTALVEOLAR: Viseme(LipPose(open=0.1, jaw=0.03, width=-0.11, round=0.65, tongue=0.4), 1.0, 1.0),
    Place.PALATAL: Viseme(LipPose(open=0.09, jaw=0.05, width=0.06, tongue=0.5), 0.7, 0.4),
    Place.BACK: Viseme(LipPose(open=0.1, jaw=0.06), 0.5, 0.1),
    Place.GLOTTAL: Viseme(LipPose(open=0.12, jaw=0.07), 0.2, 0.05),
}
_PLACE_OF = {letter: place for place in Place for letter in place.value}
_WIDER = {Stress.NONE: 0.85, Stress.SECONDARY: 0.97, Stress.PRIMARY: 1.15}
_STRONGER = {Stress.NONE: 0.85, Stress.SECONDARY: 1.0, Stress.PRIMARY: 1.25}
_FIRST_OF_DIPHTHONG, _FIRST_OF_AFFRICATE = 0.6, 0.4


@dataclass(frozen=True, slots=True)
class LipSegment:
    """Stretch of speech with one lip target, in seconds."""

    start: float
    end: float
    viseme: Viseme
    closes_lips: bool = False
    tucks_lip: bool = False


def viseme_of(letter: str) -> Viseme:
    """Returns the viseme of one IPA letter; an unknown one is taken as a weak consonant."""
    vowel = _VOWELS.get(letter)
    if vowel is not None:
        return Viseme(_vowel_pose(*vowel))
    return _CONSONANTS[_PLACE_OF.get(letter, Place.GLOTTAL)]


def is_known(letter: str) -> bool:
    """Returns whether the lips have a viseme of their own for an IPA letter."""
    return letter in _VOWELS or letter in _PLACE_OF


def letters_of(ipa: str) -> list[str]:
    """Returns the sounds in one phoneme: `tʃ` has two, `aɪ` has two, `ɑː` has one; pauses have none."""
    bare = (letter if is_known(letter) else unicodedata.normalize("NFD", letter)[0] for letter in ipa)
    return [letter for letter in bare if is_known(letter) or unicodedata.category(letter) in ("Ll", "Lo")]


def lip_segments(phonemes: tuple[TimedPhoneme, ...]) -> Iterator[LipSegment]:
    """Yields one or more segments for each phoneme; affricates and diphthongs are split in time."""
    for phoneme in phonemes:
        letters = letters_of(phoneme.ipa)
        bounds = _split(phoneme.start, phoneme.end, letters)
        for letter, (start, end) in zip(letters, bounds, strict=True):
            place = _PLACE_OF.get(letter)
            yield LipSegment(
                start,
                end,
                _stressed(viseme_of(letter), phoneme.stress) if letter in _VOWELS else viseme_of(letter),
                closes_lips=place is Place.BILABIAL,
                tucks_lip=place is Place.LABIODENTAL,
            )


def _split(start: float, end: float, letters: list[str]) -> list[tuple[float, float]]:
    if len(letters) == 2:
        share = _FIRST_OF_DIPHTHONG if letters[0] in _VOWELS else _FIRST_OF_AFFRICATE
        middle = start + share * (end - start)
        return [(start, middle), (middle, end)]
    step = (end - start) / max(1, len(letters))
    return [(start + i * step, start + (i + 1) * step) for i in range(len(letters))]


def _vowel_pose(openness: float, backness: float, rounded: bool) -> LipPose:
    if rounded:
        return LipPose(
            open=0.075 + 0.16 * openness,
            jaw=0.045 + 0.13 * openness,
            width=-0.18 + 0.11 * openness + 0.03 * (1 - backness),
            round=1 - 0.5 * openness,
        )
    return LipPose(
        open=0.105 + 0.185 * openness,
        jaw=0.04 + 0.165 * openness,
        width=0.11 * (1 - 0.8 * backness) * (1 - openness),
        tongue=0.3 * (1 - openness),
    )


def _stressed(viseme: Viseme, stress: Stress) -> Viseme:
    """Returns the viseme under a stress: stressed vowels open wider and give way less to their neighbours."""
    wider, stronger, pose = _WIDER[stress], _STRONGER[stress], viseme.pose
    return Viseme(
        replace(pose, open=pose.open * wider, jaw=pose.jaw * wider),
        viseme.opening_weight * stronger,
        viseme.shape_weight * stronger,
    )
