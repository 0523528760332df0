"""When each character of a text is said, from the times of its words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from services.chassis.engine_api.timeline import TimedPhoneme, TimedWord


@dataclass(frozen=True, slots=True)
class CharacterTimes:
    """Seconds from the start of the speech; as many starts and ends as characters."""

    characters: str
    starts: tuple[float, ...]
    ends: tuple[float, ...]


class CharacterClock:
    """Goes through the text once, with the words as they are spoken."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._now = 0.0

    def take(self, words: Sequence[TimedWord], phonemes: Sequence[TimedPhoneme]) -> CharacterTimes:
        """The characters up to the end of the last of these words.

        Those between two words fill the time between them; those of a word follow its phonemes. A word that
        does not stand in the rest of the text is left out.
        """
        parts: list[CharacterTimes] = []
        for word in words:
            place = self._text.find(word.text, self._place)
            if word.text and place >= 0:
                parts.append(self._spread(place, [max(word.start, self._now)]))
                inside = [each.start for each in phonemes if word.start < each.start < word.end]
                parts.append(self._spread(place + len(word.text), [*inside, max(word.end, self._now)]))
        return joined(parts)

    def finish(self, end: float) -> CharacterTimes:
        """What is left of the text when the speech ends."""
        return self._spread(len(self._text), [max(end, self._now)])

    def _spread(self, place: int, marks: list[float]) -> CharacterTimes:
        """The characters up to `place`, evenly from now over the marks, the last of which is now then."""
        characters = self._text[self._place : place]
        corners = np.linspace(0, len(marks), len(characters) + 1)
        edges = np.interp(corners, range(len(marks) + 1), [self._now, *marks]).tolist()
        self._place, self._now = place, marks[-1]
        return CharacterTimes(characters, tuple(edges[:-1]), tuple(edges[1:]))


def joined(parts: Sequence[CharacterTimes]) -> CharacterTimes:
    return CharacterTimes(
        "".join(part.characters for part in parts),
        tuple(chain.from_iterable(part.starts for part in parts)),
        tuple(chain.from_iterable(part.ends for part in parts)),
    )
