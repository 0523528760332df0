"""Marks cut into parts that a model takes in one."""

import pytest

from services.tts.engines.neural.marks import Mark, clauses


@pytest.mark.parametrize(
    ("signs", "limit", "parts"),
    [
        ("abc", 10, ["abc"]),
        ("ab cd ef", 5, ["ab ", "cd ef"]),
        ("ab cd ef", 4, ["ab ", "cd ", "ef"]),
        ("a, bc de fg", 9, ["a, ", "bc de fg"]),
        ("a, b. c, d e", 9, ["a, b. c, ", "d e"]),
        ("abcdefgh ij", 3, ["abc", "def", "gh ", "ij"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("ab_cd_ef gh", 6, ["ab_cd_", "ef gh"]),
        ("", 3, []),
    ],
)
def test_parts_end_between_tokens_behind_a_pause_if_there_is_one(
    signs: str, limit: int, parts: list[str]
) -> None:
    marks, token = list[Mark](), 0
    for sign in signs:
        marks.append(Mark(sign.replace("_", " "), token))
        token += sign == " "
    cut = ["".join(mark.sign for mark in part) for part in clauses(marks, limit)]
    assert cut == [part.replace("_", " ") for part in parts]
