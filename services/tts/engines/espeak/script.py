"""Writes the text that the library gets, and maps its positions to words."""

import bisect
from collections.abc import Callable, Iterable

from services.tts.engines.espeak.safe_text import SafeText, with_short_abbreviations
from services.tts.engines.espeak.tuning import Tuning
from services.tts.script.spans import Manner
from services.tts.script.tokens import Token
from services.tts.script.writing import without_outer_punctuation

_COMMAND = "\x01"


class Script:
    """A script for the library, whose text is `spoken`. Positions are characters of `spoken`.

    `tuning` is set before the library speaks. `tune` gives the tuning of a manner, `spell` the library's
    phonemes for an IPA.
    """

    def __init__(
        self, tokens: Iterable[Token], tune: Callable[[Manner], Tuning], spell: Callable[[str], str]
    ) -> None:
        self._tokens = tuple(tokens)
        self.tuning = tune(self._tokens[0].manner) if self._tokens else Tuning()
        self._starts: list[int] = []
        written, current, safe = "", self.tuning, SafeText()
        for token in self._tokens:
            wanted = tune(token.manner)
            self._starts.append(len(written))
            written += _commands(current, wanted) + _as_said(token, spell, safe)
            current = wanted
        self.spoken = with_short_abbreviations(written)

    def word_start(self, position: int) -> int:
        """Returns where the word at `position` begins. Events of one word (as of "1,250") share it.

        The library reports a word after commands at the first of them.
        """
        return self._starts[self.token_at(position)] if self._starts else 0

    def token_at(self, position: int) -> int:
        """Returns the index of the token that the word at `position` belongs to."""
        return max(0, bisect.bisect_right(self._starts, position) - 1)

    def words_between(self, start: int, end: int | None) -> str:
        """Returns the words from `start` to `end` as they are written, without outer punctuation.

        Punctuation is returned if there is nothing else, since the library may speak it.
        """
        first = bisect.bisect_left(self._starts, start)
        last = len(self._starts) if end is None else bisect.bisect_left(self._starts, end)
        written = "".join(token.shown + token.tail + token.gap for token in self._tokens[first:last]).split()
        bare = [word for word in map(without_outer_punctuation, written) if word]
        return " ".join(bare or written)


def _as_said(token: Token, spell: Callable[[str], str], safe: SafeText) -> str:
    behind = token.tail + token.gap
    if token.ipa:
        return safe.phonemes(spell(token.ipa)) + safe.text(behind)
    return safe.text(token.spoken + behind)


def _commands(current: Tuning, wanted: Tuning) -> str:
    """Returns the library's embedded commands, which need white space around them."""
    changes = (
        (current.words_per_minute, wanted.words_per_minute, "S"),
        (current.pitch, wanted.pitch, "P"),
        (current.pitch_range, wanted.pitch_range, "R"),
        (current.amplitude, wanted.amplitude, "A"),
        (current.emphasis, wanted.emphasis, "F"),
    )
    given = "".join(f"{_COMMAND}{after}{letter} " for before, after, letter in changes if before != after)
    return f" {given}" if given else ""
