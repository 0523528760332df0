import pytest

from services.cli.stack.backoff import MAX_SECONDS, Restart, plan_restart


@pytest.mark.parametrize(
    ("earlier", "ran", "expected"),
    [
        (0, 0.1, Restart(1, 0.5)),
        (1, 0.1, Restart(2, 1.0)),
        (2, 59.9, Restart(3, 2.0)),
        (5, 0.0, Restart(6, 16.0)),
        (6, 0.0, Restart(7, MAX_SECONDS)),
        (10_000, 0.0, Restart(10_001, MAX_SECONDS)),
        (7, 60.0, Restart(1, 0.5)),
    ],
)
def test_the_delay_doubles_with_each_death_up_to_a_limit_and_is_reset_by_a_healthy_minute(
    earlier: int, ran: float, expected: Restart
) -> None:
    assert plan_restart(earlier, ran) == expected
