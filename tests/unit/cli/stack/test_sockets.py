"""The folder of the sockets is the user's own, or the stack does not start."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from services.cli.errors import StackError
from services.cli.stack.sockets import ServiceSockets

OTHER_USER = 65534


def folder_of_another_user(place: Path, _: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    place.mkdir(mode=0o755)
    os.chown(place, OTHER_USER, OTHER_USER)


def link(place: Path, elsewhere: Path) -> None:
    place.symlink_to(elsewhere)


def link_to_nothing(place: Path, elsewhere: Path) -> None:
    place.symlink_to(elsewhere / "nothing")


def file(place: Path, _: Path) -> None:
    place.touch(mode=0o644)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize("plant", [folder_of_another_user, link, link_to_nothing, file])
def test_what_another_user_has_put_there_is_refused_and_left_as_it_is(
    tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    place, elsewhere = tmp_path / "sockets", tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    plant(place, elsewhere)
    before = mode_of(place)
    with pytest.raises(StackError, match="is not ours"):
        ServiceSockets(place).create()
    assert mode_of(place) == before
    assert mode_of(elsewhere) == 0o755
    assert not list(elsewhere.iterdir())


def test_the_folder_is_private_even_if_an_earlier_one_was_not(tmp_path: Path) -> None:
    sockets = ServiceSockets(tmp_path / "data" / "sockets")
    sockets.create()
    sockets.folder.chmod(0o755)
    sockets.create()
    assert mode_of(sockets.folder) == 0o700
