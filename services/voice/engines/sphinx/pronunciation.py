"""What the words of a transcript sound like, in the recogniser's phones and in IPA."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.chassis.engine_api.timeline import Stress
from services.voice.engines.sphinx.arpabet import IPA_OF, VOWELS, phones_of
from services.voice.engines.sphinx.phonemizer import Sound

_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """Of the word `text`, which the recogniser knows, or is to learn by its phones, as `name`."""

    text: str
    name: str
    sounds: tuple[Sound, ...]
    learned: bool

    @property
    def phones(self) -> tuple[str, ...]:
        return tuple(phone for sound in self.sounds for phone in phones_of(sound.ipa))

    def spell(self, phones: Sequence[str]) -> Iterator[tuple[Sound, int]]:
        """The sounds of the phones that were heard, each with how many of them it takes."""
        if self.learned:
            return ((sound, len(phones_of(sound.ipa))) for sound in self.sounds if phones_of(sound.ipa))
        return ((sound, 1) for sound in _stressed(phones, self.sounds))


def pronounce(
    transcript: str, sounds: Callable[[str], tuple[Sound, ...]], knows: Callable[[str], bool] | None = None
) -> list[Pronunciation]:
    """Of each word that has a sound, in order. What is not in the recogniser's dictionary, as told by
    `knows`, is to be learned: every word, if the language is not the dictionary's."""
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
    """The phones in IPA. The dictionary tells no stress: it is taken vowel by vowel from `sounds`."""
    stresses = [sound.stress for sound in sounds if VOWELS.intersection(phones_of(sound.ipa))]
    vowels = sum(phone in VOWELS for phone in phones)
    known = iter(stresses if len(stresses) == vowels else [Stress.NONE] * vowels)
    for phone in phones:
        stress = next(known) if phone in VOWELS else Stress.NONE
        reduced = phone == "AH" and stress is Stress.NONE
        yield Sound("ə" if reduced else IPA_OF[phone], stress)
