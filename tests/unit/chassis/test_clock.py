"""The current time as text."""

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.clock import utc_now


@pytest.mark.parametrize(("digits", "unit"), [(3, "milliseconds"), (6, "microseconds")])
def test_the_time_is_cut_to_the_requested_digits(digits: int, unit: str):
    before = datetime.now(UTC)
    text = utc_now(digits)
    after = datetime.now(UTC)
    parsed = datetime.fromisoformat(text)
    assert before - timedelta(**{unit: 1}) < parsed <= after
    assert len(text) == len("2026-01-01T00:00:00.Z") + digits
