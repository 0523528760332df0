"""Marks cut into parts that a model takes in one."""

import pytest

from services.tts.engines.neural.marks import Mark, clauses


@pytest.mark.parametrize(
    ("signs", "limit", "parts"),
    [
        ("abc", 10, ["abc"]),
        ("ab cd ef", 5, ["ab ", "cd ef"]),
        ("a, bc de fg", 8, ["a,", " bc de ", "fg"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("", 3, [""]),
    ],
)
def test_parts_end_after_a_pause_or_else_a_space(signs: str, limit: int, parts: list[str]) -> None:
    cut = clauses([Mark(sign, 0) for sign in signs], limit)
    assert ["".join(mark.sign for mark in part) for part in cut] == parts
