from collections.abc import Sequence

import pytest

from services.cli.stack.writes.watch import MAX_REFUSALS, REFUSALS, WriteWatch

REFUSED = "the stream does not confirm a message"


def restarts(refusals: Sequence[str | None], *, room: bool = True) -> list[int]:
    """Returns the numbers of the refusals after which the server is started again, from one."""
    watch = WriteWatch()
    return [number for number, refusal in enumerate(refusals, 1) if watch.must_restart(refusal, room=room)]


@pytest.mark.parametrize(
    ("refusals", "expected"),
    [
        ([None] * 10, []),
        ([REFUSED] * (REFUSALS - 1), []),
        ([REFUSED] * REFUSALS, [REFUSALS]),
        ([*[REFUSED] * (REFUSALS - 1), None] * 3, []),
    ],
    ids=["well", "too few", "enough", "not in a row"],
)
def test_a_server_that_refuses_several_writes_in_a_row_is_started_again(
    refusals: Sequence[str | None], expected: list[int]
) -> None:
    assert restarts(refusals) == expected


def test_a_server_is_not_to_blame_for_a_full_disk() -> None:
    assert restarts([REFUSED] * 10 * REFUSALS, room=False) == []


def test_starts_that_do_not_help_become_rare() -> None:
    found = restarts([REFUSED] * 4 * MAX_REFUSALS)
    gaps = [later - earlier for earlier, later in zip([0, *found], found, strict=False)]

    assert gaps[:4] == [REFUSALS, 2 * REFUSALS, 4 * REFUSALS, 8 * REFUSALS]
    assert gaps[-1] == MAX_REFUSALS


def test_a_write_that_is_taken_makes_the_watch_as_quick_as_before() -> None:
    refused = [REFUSED] * REFUSALS
    assert restarts([*refused, None, *refused]) == [REFUSALS, 2 * REFUSALS + 1]
