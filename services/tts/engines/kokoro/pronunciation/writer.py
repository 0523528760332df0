"""Writes the phonemes of tokens as marks, with spaces between words and the signs of punctuation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.tts.engines.neural.alphabet import SPACE, is_sound
from services.tts.engines.neural.marks import Mark
from services.tts.script.tokens import Token

_OPENING = frozenset("“(")
_SIGNS = str.maketrans(
    "«»„‘’「」『』《》【】（）[]、，。．।॥！？：；–～〜",
    "“”““”“”“”“”()()(),,....!?:;———",
)
"""Signs of the model for punctuation that it has not."""


@dataclass(frozen=True, slots=True)
class Word:
    """Phonemes of a word or of a part of one. `joined`: no space stands before it."""

    phonemes: str
    joined: bool = False


Sounds = Mapping[int, Sequence[Word]]
"""Words by the index of their token."""


def write_marks(tokens: Sequence[Token], span: range, sounds: Sounds, known: Mapping[str, int]) -> list[Mark]:
    """Returns the marks of a sentence. Signs that the model does not know are left out."""
    marks: list[Mark] = []

    def append(text: str, token: int, *, joined: bool) -> None:
        signs = [sign for sign in text if sign in known and sign != SPACE]
        if signs and marks and not joined and marks[-1].sign not in _OPENING:
            marks.append(Mark(SPACE, token))
        marks.extend(Mark(sign, token) for sign in signs)

    for index in span:
        before, after = _punctuation(tokens[index])
        if before:
            append(before, index, joined=before[0] not in _OPENING)
        for word in sounds.get(index, ()):
            append(word.phonemes, index, joined=word.joined)
        append(after, index, joined=True)
    return marks if any(is_sound(mark.sign) for mark in marks) else []


def _punctuation(token: Token) -> tuple[str, str]:
    """Returns the signs before and behind a token."""
    text = token.spoken + token.tail
    heard = [index for index, character in enumerate(text) if character.isalnum()]
    first, last = (heard[0], heard[-1]) if heard else (0, -1)
    dash = "—" if set("—–") & set(token.gap) else ""
    return _signs(text[:first]), _signs(text[last + 1 :]) + dash


def _signs(text: str) -> str:
    return "".join(sign for sign in text.translate(_SIGNS) if sign in ';:,.!?—…"()“”')
