"""Computes the times of a text's characters from the times of its words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from services.chassis.engine_api.timeline import TimedPhoneme, TimedWord


@dataclass(frozen=True, slots=True)
class CharacterTimes:
    """Times of characters in seconds from the start of the speech; as many starts and ends as characters."""

    characters: str
    starts: tuple[float, ...]
    ends: tuple[float, ...]


class CharacterAligner:
    """Goes through the text once, with the words as they are spoken."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._time = 0.0

    def align(self, words: Sequence[TimedWord], phonemes: Sequence[TimedPhoneme]) -> CharacterTimes:
        """Returns the times of the characters up to the end of the last of these words.

        Characters between two words fill the time between them; characters of a word follow its phonemes. A
        word that is not in the rest of the text is left out.
        """
        parts: list[CharacterTimes] = []
        for word in words:
            position = self._text.find(word.text, self._position)
            if word.text and position >= 0:
                parts.append(self._spread(position, [max(word.start, self._time)]))
                inside = [each.start for each in phonemes if word.start < each.start < word.end]
                parts.append(self._spread(position + len(word.text), [*inside, max(word.end, self._time)]))
        return joined(parts)

    def finish(self, end: float) -> CharacterTimes:
        """Returns the times of the rest of the text, which last until `end`, where the speech ends."""
        return self._spread(len(self._text), [max(end, self._time)])

    def _spread(self, position: int, marks: list[float]) -> CharacterTimes:
        """Returns the times of the characters up to `position`, spread evenly over the intervals between the
        marks; moves on to that position and the last mark."""
        import numpy as np  # here: it would take a tenth of the gateway's start

        characters = self._text[self._position : position]
        corners = np.linspace(0, len(marks), len(characters) + 1)
        edges = np.interp(corners, range(len(marks) + 1), [self._time, *marks]).tolist()
        self._position, self._time = position, marks[-1]
        return CharacterTimes(characters, tuple(edges[:-1]), tuple(edges[1:]))


def joined(parts: Sequence[CharacterTimes]) -> CharacterTimes:
    return CharacterTimes(
        "".join(part.characters for part in parts),
        tuple(chain.from_iterable(part.starts for part in parts)),
        tuple(chain.from_iterable(part.ends for part in parts)),
    )
