"""Writes tokens in the phonetic alphabet of the voice, by the package's own lexicon and rules."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from services.chassis.text.writing_systems import system_of
from services.tts.engines.hibari.package import english
from services.tts.engines.neural.alphabet import SPACE, signs_of_ipa
from services.tts.engines.neural.marks import Mark
from services.tts.script.tokens import Token

# The package has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false

_DASHES = frozenset("—–")
_SIGNS = frozenset("’‘“”…—–£€¥₹₩¢°")
_LONG_NUMBER = re.compile(r"[0-9](?:[,.]?[0-9]){15,}")
"""Pattern of a number whose digits are said one by one; the package breaks on one above its names."""


@dataclass(slots=True)
class _Piece:
    """A part of a token, as the package tags it."""

    text: str
    token: int
    phonemes: str | None = None
    ends: bool = False


class Pronunciation:
    """English of one accent. `known` lists the signs that the model has."""

    def __init__(self, known: Mapping[str, int], *, british: bool = False) -> None:
        self._g2p: Any = english(british=british)
        self._known = known

    def marks(self, tokens: Sequence[Token], span: range) -> list[Mark]:
        """Returns the marks of some of the tokens, one sentence, with spaces between words.

        Raises `InvalidArgument` for phonemes of a token that the voice does not have.
        """
        pieces = [piece for index in span for piece in self._pieces(tokens[index], index)]
        marks: list[Mark] = []
        for phonemes, owner, spaced in self._spoken(pieces):
            signs = [sign for sign in phonemes if sign in self._known]
            marks.extend(Mark(sign, owner) for sign in signs)
            if signs and spaced:
                marks.append(Mark(SPACE, owner))
        while marks and marks[-1].sign == SPACE:
            marks.pop()
        return marks

    def _pieces(self, token: Token, index: int) -> Iterator[_Piece]:
        """Yields the pieces of a token. The last one ends it, so that no piece spans two tokens."""
        found: list[_Piece] = []
        if token.ipa:
            found.append(_Piece(token.spoken, index, signs_of_ipa(token.ipa, self._known)))
        else:
            found.extend(self._split(token.spoken, index))
        found.extend(self._split(token.tail, index))
        if _DASHES & set(token.gap):
            found.append(_Piece("—", index))
        if found:
            found[-1].ends = True
        yield from found

    def _split(self, text: str, index: int) -> Iterator[_Piece]:
        from hibari.g2p import SUBTOKEN_RE

        for part, space in self._g2p.tokenizer(_readable(text)):
            # What its later steps drop is dropped here, so that its answer has these characters.
            kept = "".join(cast(list[str], SUBTOKEN_RE.findall(part)))
            if kept:
                yield _Piece(kept, index, ends=bool(space))

    def _spoken(self, pieces: Sequence[_Piece]) -> Iterator[tuple[str, int, bool]]:
        """Yields phonemes, the token that they belong to, and whether a space follows."""
        from hibari.g2p.token import Tok

        if not pieces:
            return
        tags = self._g2p.tagger([piece.text for piece in pieces])
        given = [
            Tok(piece.text, "NN" if piece.phonemes else tag, " " if piece.ends else "", piece.phonemes)
            for piece, tag in zip(pieces, tags, strict=True)
        ]
        for each in given:
            each.rating = 5 if each.phonemes else None
        owners = [piece.token for piece in pieces for character in piece.text if not character.isspace()]
        at = 0
        for merged in self._g2p.phonemize_tokens(given):
            owner = owners[min(at, len(owners) - 1)]
            at += sum(not character.isspace() for character in merged.text)
            yield merged.phonemes or "", owner, bool(merged.whitespace)


def _readable(text: str) -> str:
    """Returns the text without the characters that the package does not expect: on some it breaks.

    Digits of a long number have spaces between them.
    """
    known = (c if c.isascii() or c in _SIGNS or system_of(c) == "LATIN" else " " for c in text)
    return _LONG_NUMBER.sub(_spelled, "".join(known))


def _spelled(number: re.Match[str]) -> str:
    return " ".join("point" if sign == "." else sign for sign in number[0] if sign != ",")
