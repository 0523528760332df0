"""Pauses between the parts of a speech."""

from collections.abc import Sequence

import numpy as np
import pytest

from services.tts.engines.neural.assembly import Sound, assemble
from services.tts.engines.neural.manner import Shade
from services.tts.engines.neural.marks import Mark
from services.tts.engines.protocol import Speech
from services.tts.script.tokens import Token

RATE, SECONDS = 24_000, 0.3


def hum(signs: Sequence[str], _shades: Sequence[Shade]) -> Sound:
    """Returns a hum from beginning to end, so that nothing of it is trimmed."""
    samples = np.sin(np.arange(round(SECONDS * RATE)) / 20).astype(np.float32)
    return Sound(samples, [SECONDS / len(signs)] * len(signs), 0.0)


@pytest.mark.parametrize(
    ("signs", "pause"),
    [("a.", 0.34), ("a.”", 0.34), ("a,", 0.16), ("a ", 0.03), ("a", 0.0), ("a↓", 0.0)],
)
def test_a_pause_depends_on_how_a_part_ends(signs: str, pause: float) -> None:
    parts = [[Mark(sign, 0) for sign in signs], [Mark("a", 1)]]
    request = Speech((Token("a", "a"), Token("a", "a")), "voice")
    _, second = assemble(request, parts, hum, RATE)
    silent = np.flatnonzero(np.abs(second.samples) > 100)[0] / RATE
    assert silent == pytest.approx(pause, abs=0.01)
