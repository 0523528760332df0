import pytest

from services.cli.stack.backoff import LONGEST_SECONDS, Restart, plan_restart


@pytest.mark.parametrize(
    ("earlier", "ran", "expected"),
    [
        (0, 0.1, Restart(1, 0.5)),
        (1, 0.1, Restart(2, 1.0)),
        (2, 59.9, Restart(3, 2.0)),
        (5, 0.0, Restart(6, 16.0)),
        (6, 0.0, Restart(7, LONGEST_SECONDS)),
        (10_000, 0.0, Restart(10_001, LONGEST_SECONDS)),
        (7, 60.0, Restart(1, 0.5)),
    ],
)
def test_the_delay_doubles_up_to_a_limit_and_a_healthy_minute_ends_the_row(
    earlier: int, ran: float, expected: Restart
) -> None:
    assert plan_restart(earlier, ran) == expected
