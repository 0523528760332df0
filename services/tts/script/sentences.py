"""Tells where sentences end."""

import re
from collections.abc import Iterator, Sequence

from services.tts.script.tokens import Token
from services.tts.script.writing import is_unspaced

END_CHARACTERS = 12
_SENTENCE_END = re.compile(r"""[.!?…؟।]+["'”’»)\]]*$|[。！？]["'”’」』）]*$""")
_INITIAL = re.compile(r"[^\W\d_]\.")


def sentences(tokens: Sequence[Token]) -> Iterator[range]:
    """Yields the indices of the tokens of each sentence."""
    start = 0
    for index in range(1, len(tokens)):
        if is_sentence_end(tokens[index - 1], tokens[index]):
            yield range(start, index)
            start = index
    if start < len(tokens):
        yield range(start, len(tokens))


def is_sentence_end(last: Token, following: Token) -> bool:
    """Returns whether a sentence ends between two tokens.

    A full stop before a lower-case letter, or after an initial, does not end one.
    """
    written = written_end(last)
    if not _SENTENCE_END.search(written) or _INITIAL.fullmatch(written):
        return False
    first = next((c for c in following.spoken if c.isalnum()), "")
    return is_unspaced(last.spoken[0]) or (bool(last.gap) and not first.islower())


def written_end(token: Token) -> str:
    """Returns the end of the token, long enough for the patterns: a word may be as long as the script."""
    return (token.spoken + token.tail)[-END_CHARACTERS:]
