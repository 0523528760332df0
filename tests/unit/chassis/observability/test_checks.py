import asyncio

import pytest

from services.chassis.errors import StoreUnavailable
from services.chassis.observability.checks import RecentCheck, problem_of


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (None, ""),
        (StoreUnavailable("The object store is away."), "The object store is away."),
        (TimeoutError(), "The store did not answer in time."),
        (ValueError("Invalid endpoint: x"), "The check failed with ValueError: see the log of the service."),
    ],
    ids=["passes", "known", "time limit", "unexpected"],
)
async def test_a_check_that_raises_is_a_problem_in_words(error: Exception | None, problem: str) -> None:
    async def check() -> None:
        if error is not None:
            raise error

    assert await problem_of("store", check) == problem


class CountedCheck:
    """A check that waits until it is let go, and counts its runs."""

    def __init__(self) -> None:
        self.runs = 0
        self.released = asyncio.Event()

    async def __call__(self) -> None:
        self.runs += 1
        await self.released.wait()
        raise StoreUnavailable(f"Run {self.runs}.")


async def test_callers_share_one_run_and_its_result() -> None:
    counted = CountedCheck()
    check = RecentCheck("store", counted, limit_seconds=20, fresh_seconds=60)
    together = asyncio.gather(check.problem(), check.problem())
    counted.released.set()

    assert await together == ["Run 1.", "Run 1."]
    assert await check.problem() == "Run 1."


async def test_an_old_result_does_not_hold() -> None:
    counted = CountedCheck()
    counted.released.set()
    check = RecentCheck("store", counted, limit_seconds=20, fresh_seconds=0)

    assert [await check.problem(), await check.problem()] == ["Run 1.", "Run 2."]


async def test_a_caller_does_not_wait_for_a_check_that_hangs_and_no_second_one_begins() -> None:
    counted = CountedCheck()
    check = RecentCheck("store", counted, limit_seconds=0.01, fresh_seconds=60)

    for _ in range(2):
        assert await check.problem() == "The store did not answer within 0.01 seconds."
    assert counted.runs == 1
    counted.released.set()
    await asyncio.sleep(0)
    assert await check.problem() == "Run 1."


async def test_a_caller_gets_the_result_that_it_has_waited_for() -> None:
    counted = CountedCheck()
    counted.released.set()
    check = RecentCheck("store", counted, limit_seconds=20, fresh_seconds=0)

    async def ask_twice() -> list[str]:
        return [await check.problem(), await check.problem()]

    assert await asyncio.gather(ask_twice(), ask_twice()) == [["Run 1.", "Run 2."]] * 2
