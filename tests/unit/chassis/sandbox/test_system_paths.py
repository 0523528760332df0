"""Folders of the system that a confined process may read."""

from pathlib import Path

import pytest

from services.chassis.sandbox.system_paths import system_paths

PRIVATE = [
    "/",
    "/opt",
    "/opt/server",
    "/etc",
    "/etc/shadow",
    "/home",
    "/proc",
    "/root",
    "/srv",
    "/tmp",
    "/var",
]


@pytest.mark.parametrize("path", PRIVATE)
def test_folders_with_data_of_others_are_not_among_them(path: str) -> None:
    assert not [each for each in system_paths() if Path(path).is_relative_to(each)]


def test_libraries_are_among_them() -> None:
    assert Path("/usr") in system_paths()
