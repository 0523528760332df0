import errno
from pathlib import Path

import pytest

from services.chassis.disk import has_room, is_disk_full, temporary_folder
from services.chassis.errors import DiskFull, Reason
from services.gateway.jobs.domain.retry import BACKOFFS, OUTAGE


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (OSError(errno.EIO, "Input/output error"), False),
        (ValueError("No space left on device"), False),
    ],
)
def test_a_full_disk_is_known_by_its_number(error: Exception, full: bool) -> None:
    assert is_disk_full(error) is full


@pytest.mark.parametrize(
    ("error", "raised"),
    [(OSError(errno.ENOSPC, "x"), DiskFull), (ValueError("y"), ValueError), (DiskFull("z"), DiskFull)],
)
def test_a_folder_translates_a_full_disk_only_and_is_removed(
    tmp_path: Path, error: Exception, raised: type[Exception]
) -> None:
    with pytest.raises(raised), temporary_folder("stage-", tmp_path) as folder:
        (folder / "output").write_text("half")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_room_is_measured_in_bytes(tmp_path: Path) -> None:
    assert has_room(tmp_path, 1)
    assert not has_room(tmp_path, 1 << 62)


def test_a_stage_that_met_a_full_disk_waits_like_one_without_a_store() -> None:
    assert DiskFull("x").reason is Reason.STORE_UNAVAILABLE
    assert BACKOFFS[DiskFull("x").reason] is OUTAGE
