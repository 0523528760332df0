import pytest

from services.chassis.worker.worker import seconds_to_next_announcement


@pytest.mark.parametrize(
    ("running_seconds", "expected"), [(0.0, 0.1), (1.0, 0.1), (3.0, 0.3), (50.0, 5.0), (86_400.0, 5.0)]
)
def test_a_worker_announces_itself_often_at_first(running_seconds: float, expected: float) -> None:
    assert seconds_to_next_announcement(running_seconds) == pytest.approx(expected)
