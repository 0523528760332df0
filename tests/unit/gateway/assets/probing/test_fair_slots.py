"""Slots go round between workspaces."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest

from services.gateway.assets.probing.fair_slots import AllCrowded, FairSlots, SlotLimits, WorkspaceCrowded

LIMITS = SlotLimits(size=2, per_workspace=2, waiting_per_workspace=4, waiting=6, wait_seconds=60.0)


def slots(**changes: float) -> FairSlots:
    return FairSlots(SlotLimits(**{name: getattr(LIMITS, name) for name in LIMITS.__slots__} | changes))  # pyright: ignore[reportArgumentType]


async def served(limits: FairSlots, order: str) -> str:
    """Lets workspaces ask in the order of the letters while all slots are held. Returns the order in which
    they got one."""
    got: list[str] = []
    async with AsyncExitStack() as held:
        for number in range(2):
            await held.enter_async_context(limits.slot(f"busy {number}"))

        async def ask(workspace: str) -> None:
            async with limits.slot(workspace):
                got.append(workspace)
                await asyncio.sleep(0)

        asking = [asyncio.create_task(ask(letter)) for letter in order]
        await asyncio.sleep(0)
        assert got == []
    await asyncio.gather(*asking)
    return "".join(got)


async def test_slots_go_round():
    assert await served(slots(), "aaabc") == "abcaa"


async def test_a_workspace_holds_only_so_many():
    one_each = slots(per_workspace=1)
    async with one_each.slot("a"):
        second = asyncio.create_task(acquire(one_each, "a"))
        async with one_each.slot("b"):
            assert not second.done()
    await second


async def test_a_workspace_that_lets_too_many_wait_is_refused():
    limited = slots(size=1, waiting_per_workspace=1)
    async with limited.slot("a"):
        waiting = asyncio.create_task(acquire(limited, "a"))
        await asyncio.sleep(0)
        with pytest.raises(WorkspaceCrowded):
            await acquire(limited, "a")
        other = asyncio.create_task(acquire(limited, "b"))
        await asyncio.sleep(0)
        assert not other.done()
    await asyncio.gather(waiting, other)


async def test_only_so_many_wait_in_all():
    limited = slots(size=1, waiting=2)
    async with limited.slot("a"):
        waiting = [asyncio.create_task(acquire(limited, each)) for each in "bc"]
        await asyncio.sleep(0)
        with pytest.raises(AllCrowded):
            await acquire(limited, "d")
    await asyncio.gather(*waiting)


async def test_nothing_waits_for_ever():
    limited = slots(size=1, wait_seconds=0.0)
    async with limited.slot("a"):
        with pytest.raises(AllCrowded):
            await acquire(limited, "b")
    await acquire(limited, "b")


async def test_who_leaves_gives_up_the_turn():
    limited = slots(size=1)
    async with limited.slot("a"):
        leaving = asyncio.create_task(acquire(limited, "b"))
        staying = asyncio.create_task(acquire(limited, "c"))
        await asyncio.sleep(0)
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving
    await staying


async def test_who_leaves_just_when_the_turn_has_come_gives_the_slot_back():
    limited = slots(size=1)
    async with limited.slot("a"):
        leaving = asyncio.create_task(acquire(limited, "b"))
        await asyncio.sleep(0)
    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    await acquire(limited, "c")


async def test_a_slot_that_is_released_as_its_waiter_is_cancelled_goes_to_the_next():
    """The cancelled request is still queued: its task has not run since."""
    limited = slots(size=1)
    async with limited.slot("a"):
        leaving = asyncio.create_task(acquire(limited, "b"))
        await asyncio.sleep(0)
        leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    await asyncio.gather(*(acquire(limited, each) for each in "bc"))


async def test_a_workspace_keeps_its_turn_when_its_first_request_is_cancelled():
    limited = slots(size=1)
    got: list[str] = []

    async def ask(workspace: str) -> None:
        async with limited.slot(workspace):
            got.append(workspace)

    async with limited.slot("a"):
        leaving, *staying = [asyncio.create_task(ask(each)) for each in "bcb"]
        await asyncio.sleep(0)
        leaving.cancel()
    await asyncio.gather(*staying)
    assert got == ["b", "c"]


async def acquire(limited: FairSlots, workspace: str) -> None:
    async with limited.slot(workspace):
        pass
