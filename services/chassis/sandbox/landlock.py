"""Restricts a process to some folders with Landlock, which needs no privileges (Linux 5.19 and newer)."""

import ctypes
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.chassis.sandbox.system_calls import linux_machine, prctl, system_call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_NO_NEW_PRIVILEGES = 38
_MIN_VERSION = 2
"""The first version allows no rename from one folder into another, which engines need."""

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FOLDER, _REMOVE_FILE, _MAKE_FOLDER = 1 << 4, 1 << 5, 1 << 7
_MAKE_FILE = 1 << 8
_RENAME, _TRUNCATE, _DEVICE_CONTROL = 1 << 13, 1 << 14, 1 << 15
_RIGHTS_OF_VERSION_2 = (1 << 14) - 1

_READ = _READ_FILE | _READ_FOLDER
_RUN = _READ | _EXECUTE
_WRITE = _READ | _WRITE_FILE | _REMOVE_FOLDER | _REMOVE_FILE | _MAKE_FOLDER | _MAKE_FILE | _RENAME | _TRUNCATE
"""Without symbolic links, pipes and sockets, by which a process that reads its files could be led astray."""
_USE_DEVICE = _READ | _WRITE_FILE | _TRUNCATE | _DEVICE_CONTROL
_RIGHTS_ON_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE_CONTROL
_SCOPES = 0b11
"""Abstract Unix sockets and signals reach only processes that are confined together with this one."""


class _RulesetAttributes(ctypes.Structure):
    _fields_ = [
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def landlock_version() -> int:
    """Returns the version of Landlock that the kernel speaks, 0 if it has none."""
    if not linux_machine():
        return 0
    with suppress(OSError):
        return system_call(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    return 0


@dataclass(frozen=True, slots=True)
class FileAccess:
    """Access to files; each path stands for all that is below it.

    A process may list `listable`, read and run `runnable`, and read and write `writable` and `devices`.
    """

    listable: tuple[Path, ...]
    runnable: tuple[Path, ...]
    writable: tuple[Path, ...]
    devices: tuple[Path, ...]


def restrict_files(access: FileAccess) -> int:
    """Restricts this thread, and all that it starts, for good; returns the version in force.

    Paths that do not exist are skipped. Returns 0, and restricts nothing, if the kernel cannot. Raises
    `OSError` if it refuses.
    """
    version = landlock_version()
    if version < _MIN_VERSION:
        return 0
    handled = _handled_rights(version)
    ruleset = _create_ruleset(version, handled)
    try:
        for paths, rights in (
            (access.listable, _READ_FOLDER),
            (access.runnable, _RUN),
            (access.writable, _WRITE),
            (access.devices, _USE_DEVICE),
        ):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        prctl(_NO_NEW_PRIVILEGES, 1)
        system_call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return version


def _handled_rights(version: int) -> int:
    rights = _RIGHTS_OF_VERSION_2
    if version >= 3:
        rights |= _TRUNCATE
    if version >= 5:
        rights |= _DEVICE_CONTROL
    return rights


def _create_ruleset(version: int, handled: int) -> int:
    attributes = _RulesetAttributes(handled, 0, _SCOPES)
    size = 8 if version < 4 else 16 if version < 6 else 24
    return system_call(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # it does not exist, or cannot be reached anyway
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _RIGHTS_ON_A_FILE
        rule = _PathBeneath(rights, descriptor)
        system_call(_ADD_RULE, ctypes.c_int(ruleset), _PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(descriptor)
