"""Values as the JSON text of PostgreSQL's jsonb, and back."""

import json
from datetime import UTC, datetime

import pytest

from services.gateway.db.jsonb import from_json, to_json


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"text": "\u00fcber \U0001f600", "list": [1, 2.5, None, True]},
        {"great": 2**80},
        {"lone surrogate": "\ud800"},
    ],
)
def test_the_text_reads_as_the_same_value_in_the_standard_library(value: object):
    assert json.loads(to_json(value)) == value


def test_a_written_value_is_read_back():
    assert from_json(to_json({"a": [1, "b"]})) == {"a": [1, "b"]}


def test_times_are_written_as_postgresql_reads_them():
    assert to_json([datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC)]) == '["2026-01-02T03:04:05.000060+00:00"]'


def test_a_value_without_a_form_in_json_is_refused():
    with pytest.raises(TypeError):
        to_json({1, 2})
