"""Uploads are admitted by their number and by the room on the disk."""

import pytest

from services.gateway.assets.admission import COPIES, KEPT_FREE_BYTES, UploadAdmission
from services.gateway.http.errors import ApiError

PLENTY = 1 << 40


def admission(per_workspace: int = 2, disk_bytes: int = 1000, free_bytes: int = PLENTY) -> UploadAdmission:
    return UploadAdmission(per_workspace=per_workspace, disk_bytes=disk_bytes, free_bytes=lambda: free_bytes)


def refusal(limited: UploadAdmission, workspace: str, size: int) -> tuple[int, str] | None:
    try:
        with limited.admitted(workspace, size):
            return None
    except ApiError as exc:
        assert exc.retryable
        return exc.status, exc.code


def test_a_workspace_has_only_so_many_under_way():
    limited = admission()
    with limited.admitted("a", 1), limited.admitted("a", 1):
        assert refusal(limited, "a", 1) == (429, "too_many_uploads")
        assert refusal(limited, "b", 1) is None
    assert refusal(limited, "a", 1) is None


def test_a_workspace_takes_half_of_the_room():
    limited = admission(per_workspace=10)
    with limited.admitted("a", 200):
        assert refusal(limited, "a", 51) == (429, "too_many_uploads")
        assert refusal(limited, "a", 50) is None
        assert refusal(limited, "b", 300) is None


def test_a_single_large_file_may_take_more_than_half():
    assert refusal(admission(), "a", 400) is None


def test_the_room_is_bounded_in_all():
    limited = admission()
    with limited.admitted("a", 250), limited.admitted("b", 250):
        assert refusal(limited, "c", 1) == (503, "uploads_busy")
    assert refusal(limited, "c", 1) is None


@pytest.mark.parametrize(("spare", "refused"), [(0, None), (-1, (503, "uploads_busy"))])
def test_the_disk_is_never_filled(spare: int, refused: tuple[int, str] | None):
    limited = admission(disk_bytes=PLENTY, free_bytes=KEPT_FREE_BYTES + COPIES * 100 + spare)
    assert refusal(limited, "a", 100) == refused
