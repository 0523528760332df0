"""Scripts of a given length, each unlike all others."""

from itertools import cycle, islice

from benchmarks.media.sentences import HARVARD

CHARACTERS_PER_SECOND = 15.5
"""Of the voice that the benchmark uses, at its normal rate."""


def script_of(seconds: float, title: str) -> str:
    """Returns sentences that take about so many seconds to speak. The first says the title."""
    wanted = seconds * CHARACTERS_PER_SECOND
    parts = [f"{title}."]
    start = sum(map(ord, title)) % len(HARVARD)
    for sentence in islice(cycle(HARVARD), start, None):
        if sum(len(part) + 1 for part in parts) + len(sentence) / 2 > wanted:
            return " ".join(parts)
        parts.append(sentence)
    raise AssertionError("A cycle has no end.")
