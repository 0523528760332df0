"""Finds the pronunciation of a transcript's words, in the recogniser's phones and in IPA."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.chassis.engine_api.timeline import Stress
from services.voice.engines.sphinx.arpabet import IPA_OF, VOWELS, phones_of
from services.voice.engines.sphinx.phonemizer import Sound

_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """The pronunciation of the word `text`, which has the `name` in the recogniser's dictionary.

    If `learned`, the recogniser has to learn it by its phones first.
    """

    text: str
    name: str
    sounds: tuple[Sound, ...]
    learned: bool

    @property
    def phones(self) -> tuple[str, ...]:
        return tuple(phone for sound in self.sounds for phone in phones_of(sound.ipa))

    def spell(self, phones: Sequence[str]) -> Iterator[tuple[Sound, int]]:
        """Yields the sounds of the recognised phones, each with the number of phones it takes."""
        if self.learned:
            return ((sound, len(phones_of(sound.ipa))) for sound in self.sounds if phones_of(sound.ipa))
        return ((sound, 1) for sound in _stressed(phones, self.sounds))


def pronounce(
    transcript: str, sounds: Callable[[str], tuple[Sound, ...]], knows: Callable[[str], bool] | None = None
) -> list[Pronunciation]:
    """Returns the pronunciation of each word that has a sound, in order.

    Words for which `knows` is false are to be learned; without `knows` all of them, as for a language that is
    not the dictionary's.
    """
    found: list[Pronunciation] = []
    for token in transcript.split():
        text = _EDGES.sub("", token)
        said = sounds(text or token)
        name = text.lower().replace("’", "'")
        if name and knows is not None and knows(name):
            found.append(Pronunciation(text, name, said, learned=False))
        elif phones := [phone for sound in said for phone in phones_of(sound.ipa)]:
            found.append(Pronunciation(text or token, "as:" + "-".join(phones), said, learned=True))
    return found


def _stressed(phones: Sequence[str], sounds: Sequence[Sound]) -> Iterator[Sound]:
    """Yields the phones in IPA. The dictionary has no stress: it is taken vowel by vowel from `sounds`."""
    stresses = [sound.stress for sound in sounds if VOWELS.intersection(phones_of(sound.ipa))]
    vowels = sum(phone in VOWELS for phone in phones)
    known = iter(stresses if len(stresses) == vowels else [Stress.NONE] * vowels)
    for phone in phones:
        stress = next(known) if phone in VOWELS else Stress.NONE
        reduced = phone == "AH" and stress is Stress.NONE
        yield Sound("ə" if reduced else IPA_OF[phone], stress)
