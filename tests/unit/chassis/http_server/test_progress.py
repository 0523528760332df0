import pytest

from services.chassis.http_server.limits import ConnectionLimits
from services.chassis.http_server.progress import Progress

LIMITS = ConnectionLimits(stall_seconds=10, min_bytes_per_second=100)


@pytest.mark.parametrize(
    ("advances", "now", "too_slow"),
    [
        ([], 10, False),
        ([], 10.1, True),
        ([(9, 1_000)], 19, False),
        ([(9, 1_000)], 19.1, True),
        ([(5, 1), (10, 1), (15, 1)], 16, True),
        ([(5, 600), (10, 600), (15, 600)], 16, False),
        ([(1, 10**9)], 11.5, True),
    ],
)
def test_a_client_must_move_and_keep_a_rate(advances: list[tuple[float, int]], now: float, too_slow: bool):
    progress = Progress(0)
    for moment, count in advances:
        progress.advance(count, moment)
    assert progress.is_too_slow(now, LIMITS) is too_slow


def test_time_in_which_the_application_does_not_read_counts_for_nothing():
    progress = Progress(0)
    for now in range(100):
        progress.excuse(now)
        assert not progress.is_too_slow(now, LIMITS)
    assert not progress.is_too_slow(105, LIMITS)
    assert progress.is_too_slow(110, LIMITS)
