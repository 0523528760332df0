import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.cli.stack.writes.watch import MAX_REFUSALS, REFUSALS, Disk, WriteWatch, watch_writes

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


def test_a_disk_that_cannot_be_asked_has_no_room_and_is_not_full(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "absent")
    assert not disk.has_room()
    assert not disk.is_full()


class RoomyDisk(Disk):
    def has_room(self) -> bool:
        return True

    def is_full(self) -> bool:
        return False


async def test_a_server_that_takes_no_connection_is_started_again(tmp_path: Path) -> None:
    reasons: asyncio.Queue[str] = asyncio.Queue()

    async def probe() -> str | None:
        await asyncio.Event().wait()

    watch = asyncio.create_task(watch_writes(RoomyDisk(tmp_path), probe, reasons.put, 0.0, 0.001))
    async with asyncio.timeout(10):
        reason = await reasons.get()
    watch.cancel()
    assert "no answer within 0.001 s" in reason
