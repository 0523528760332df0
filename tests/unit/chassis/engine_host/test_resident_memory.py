"""The memory of a process and its descendants, read from a folder like `/proc`."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from services.chassis.engine_host.resident_memory import resident_bytes

PAGE = os.sysconf("SC_PAGE_SIZE")


def processes(folder: Path, children: Mapping[int, Sequence[int]]) -> Path:
    """Writes processes of two resident pages each."""
    for pid, its in children.items():
        task = folder / str(pid) / "task" / str(pid)
        task.mkdir(parents=True)
        (task / "children").write_text("".join(f"{child} " for child in its))
        (folder / str(pid) / "statm").write_text("9 2 1 1 0 5 0")
    return folder


@pytest.mark.parametrize(
    ("children", "counted"),
    [
        ({1: ()}, 1),
        ({1: (2, 3), 2: (4,), 3: (), 4: (), 5: ()}, 4),
        ({1: (2,)}, 1),
        ({1: (2,), 2: (1,)}, 2),
        ({pid: (pid + 1,) for pid in range(1, 1_101)}, 1_100),
    ],
    ids=["alone", "two generations", "a child that has ended", "an id that was used again", "a long line"],
)
def test_every_descendant_is_counted_once(
    children: Mapping[int, Sequence[int]], counted: int, tmp_path: Path
) -> None:
    assert resident_bytes(1, processes(tmp_path, children)) == counted * 2 * PAGE


def test_a_process_that_has_ended_holds_nothing(tmp_path: Path) -> None:
    assert resident_bytes(1, tmp_path) == 0
