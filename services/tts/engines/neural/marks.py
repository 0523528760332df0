"""Signs of a text as a model gets them, each with the token that it belongs to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.tts.engines.neural.alphabet import PAUSES, SPACE
from services.tts.script.tokens import Token
from services.tts.split_script import is_sentence_end


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign of the model's alphabet, and the index of the token that it belongs to."""

    sign: str
    token: int


def sentences(tokens: Sequence[Token]) -> Iterator[range]:
    """Yields the indices of the tokens of each sentence."""
    start = 0
    for index in range(1, len(tokens)):
        if is_sentence_end(tokens[index - 1], tokens[index]):
            yield range(start, index)
            start = index
    if start < len(tokens):
        yield range(start, len(tokens))


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
