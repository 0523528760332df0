"""Where the parts of a sentence end."""

import pytest

from services.tts.engines.kokoro.recital import part_end
from services.tts.engines.neural.alphabet import SPACE
from services.tts.engines.neural.marks import Mark


def parts_of(signs: str, seconds: float, each: float = 0.1) -> list[str]:
    """Returns the parts of a sentence whose signs take `each` seconds. `_` is a space within a token."""
    marks = [
        Mark(SPACE if sign == "_" else sign, signs[:index].count(SPACE)) for index, sign in enumerate(signs)
    ]
    begins = [index * each for index in range(len(marks) + 1)]
    parts: list[str] = []
    start = 0
    while start < len(marks):
        end = part_end(marks, begins, start, seconds)
        parts.append(signs[start:end])
        start = end
    return parts


@pytest.mark.parametrize(
    ("signs", "parts"),
    [
        ("wɛl.", ["wɛl."]),
        ("wɛl, aɪ noʊ, aɪ noʊ ɪt.", ["wɛl, aɪ noʊ,", " aɪ noʊ ɪt."]),
        ("ʃiwɒz ænd hiɪz moʊɹ ænd", ["ʃiwɒz ænd", " hiɪz moʊɹ ænd"]),
        ("ʃiwɒz kæn hiɪz moʊɹ ænd", ["ʃiwɒz", " kæn hiɪz", " moʊɹ ænd"]),
        ("ə, lɔŋwɚdwɪðaʊtɛnd ænd", ["ə,", " lɔŋwɚdwɪðaʊtɛnd", " ænd"]),
        ("lɔŋwɚdwɪðaʊtɛndænd", ["lɔŋwɚdwɪðaʊtɛndænd"]),
        ("ə twɛnti_wʌn_aʊɚz_ænd ə", ["ə", " twɛnti_wʌn_aʊɚz_ænd", " ə"]),
        ("ə" * 130, ["ə" * 60, "ə" * 60, "ə" * 10]),
    ],
    ids=["short", "pause", "word", "closed", "early-pause", "no-space", "number", "endless"],
)
def test_a_part_ends_where_a_cut_is_least_heard(signs: str, parts: list[str]) -> None:
    assert parts_of(signs, 1.25) == parts
