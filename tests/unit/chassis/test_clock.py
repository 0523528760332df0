from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.clock import utc_now


@pytest.mark.parametrize(("digits", "unit"), [(3, "milliseconds"), (6, "microseconds")])
def test_it_is_the_time_cut_to_so_many_digits(digits: int, unit: str):
    before = datetime.now(UTC)
    text = utc_now(digits)
    after = datetime.now(UTC)
    told = datetime.fromisoformat(text)
    assert before - timedelta(**{unit: 1}) < told <= after
    assert len(text) == len("2026-01-01T00:00:00.Z") + digits
