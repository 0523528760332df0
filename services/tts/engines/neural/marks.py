"""Signs of a text as a model gets them, each with the token that it belongs to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.tts.engines.neural.alphabet import PAUSES, SPACE


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign of the model's alphabet, and the index of the token that it belongs to."""

    sign: str
    token: int


def clauses(marks: Sequence[Mark], limit: int) -> Iterator[Sequence[Mark]]:
    """Yields the marks in parts of at most `limit`, cut after the last pause or else space in each."""
    start = 0
    while len(marks) - start > limit:
        window = range(start + limit - 1, start, -1)
        cut = next((i for i in window if marks[i].sign in PAUSES), None)
        cut = next((i for i in window if marks[i].sign == SPACE), start + limit - 1) if cut is None else cut
        yield marks[start : cut + 1]
        start = cut + 1
    yield marks[start:]
