"""Reads scripts as no author writes them: they are refused, or cut into pieces of a bounded size."""

from random import Random

import pytest

from services.chassis.errors import LikenessError
from tests.fuzz.text import LANGUAGES, odd_lexicon, odd_ssml, odd_text, pieces_of

MAX_PIECE_CHARACTERS = 1_200
MAX_SPOKEN_CHARACTERS = 20_000
"""Most characters of a token: of 500 that are spelled, each may have a name of several words."""


@pytest.mark.parametrize("seed", range(40))
def test_an_odd_script_is_refused_or_in_pieces_of_a_bounded_size(seed: int) -> None:
    random = Random(seed)
    ssml = seed % 2 == 1
    text = (odd_ssml(random) if ssml else odd_text(random))[:6_000]
    try:
        pieces = pieces_of(text, ssml=ssml, lexicon=odd_lexicon(random), language=random.choice(LANGUAGES))
    except LikenessError as refusal:
        assert len(refusal.message) < 1_000
        return
    for piece in pieces:
        longest = max(len(token.spoken) + len(token.tail) for token in piece.tokens)
        assert longest <= MAX_SPOKEN_CHARACTERS
        assert sum(len(token.spoken) for token in piece.tokens) <= MAX_PIECE_CHARACTERS + longest
