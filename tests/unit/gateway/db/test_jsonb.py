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
def test_it_says_what_the_standard_library_says(value: object):
    assert json.loads(to_json(value)) == value


def test_what_is_written_is_read_back():
    assert from_json(to_json({"a": [1, "b"]})) == {"a": [1, "b"]}


def test_times_are_written_as_postgresql_reads_them():
    assert to_json([datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC)]) == '["2026-01-02T03:04:05.000060+00:00"]'


def test_what_json_has_no_form_for_is_refused():
    with pytest.raises(TypeError):
        to_json({1, 2})
