"""Signs of a text as a model gets them, each with the token that it belongs to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.tts.engines.neural.alphabet import PAUSES, SPACE


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign of the model's alphabet, and the index of the token that it belongs to.

    `ipa` is its IPA where that is not the one of the alphabet.
    """

    sign: str
    token: int
    ipa: str = ""


def clauses(marks: Sequence[Mark], limit: int) -> Iterator[Sequence[Mark]]:
    """Yields the marks in parts of at most `limit`, cut between two tokens: behind the last pause in each, or
    else behind the last token. A token of more marks than that is cut at a space, or else anywhere."""
    start = 0
    while len(marks) - start > limit:
        window = range(start + 1, start + limit + 1)
        between = [end for end in window if marks[end - 1].token != marks[end].token]
        pauses = [end for end in between if _ends_in_pause(marks[start:end])]
        spaces = [end for end in window if marks[end - 1].sign == SPACE]
        end = (pauses or between or spaces or window)[-1]
        yield marks[start:end]
        start = end
    if start < len(marks):
        yield marks[start:]


def _ends_in_pause(marks: Sequence[Mark]) -> bool:
    sign = next((mark.sign for mark in reversed(marks) if mark.sign != SPACE), "")
    return sign in PAUSES
