"""What users have sent is quoted in messages as far as it is short."""

import pytest

from services.chassis.text.quoted import MAX_CHARACTERS, quoted, shortened


@pytest.mark.parametrize(("value", "expected"), [("a", "'a'"), ("it's", '"it\'s"'), (7, "'7'")])
def test_a_short_value_is_quoted_whole(value: object, expected: str):
    assert quoted(value) == expected


def test_a_long_text_is_cut_and_its_length_told():
    assert quoted("x" * 5000) == f"'{'x' * MAX_CHARACTERS}'… (5000 characters)"
    assert shortened("x" * 5000) == "x" * MAX_CHARACTERS + "…"


def test_a_text_of_the_longest_length_is_whole():
    text = "x" * MAX_CHARACTERS
    assert (quoted(text), shortened(text)) == (f"'{text}'", text)
