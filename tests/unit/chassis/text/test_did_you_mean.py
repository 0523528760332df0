"""Suggestions for misspelled names."""

import pytest

from services.chassis.text.did_you_mean import MAX_NAME_LENGTH, similar

KNOWN = ("en-us", "en-gb", "de")


@pytest.mark.parametrize(
    ("name", "found"), [("en-uss", ["en-us"]), ("EN-US", ["en-us", "en-gb"]), ("zzz", []), ("", [])]
)
def test_similar_names_are_found(name: str, found: list[str]) -> None:
    assert similar(name, KNOWN, 2)[:1] == found[:1]


def test_a_name_that_is_too_long_is_not_compared() -> None:
    alike = "a" * MAX_NAME_LENGTH
    assert similar(alike, [alike], 1) == [alike]
    assert similar(f"{alike}a", [alike], 1) == []
