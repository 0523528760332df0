"""Gives up what a process may do beyond its own memory: capabilities, set-user-id programs, namespaces."""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

from services.chassis.sandbox.system_calls import prctl, system_call

_SET_DUMPABLE, _SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVILEGES = 4, 36, 38
_DROP_FROM_BOUNDING_SET, _AMBIENT, _CLEAR_AMBIENT = 24, 47, 4
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x20080522
_MAX_CAPABILITIES = 64

_NEW_USER, _NEW_NETWORK, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_UNSHARE = {"x86_64": 272, "aarch64": 97}


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilitySets(ctypes.Structure):
    """Effective, permitted and inheritable sets, in two halves of 32 bits."""

    _fields_ = [("sets", ctypes.c_uint32 * 6)]


def forbid_new_privileges() -> None:
    """Makes set-user-id programs run without their rights. Raises `OSError` if the kernel cannot."""
    prctl(_SET_NO_NEW_PRIVILEGES, 1)


def forbid_inspection() -> None:
    """Keeps other processes of this user from reading this one's memory. Raises `OSError`."""
    prctl(_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Makes descendants whose parents have ended children of this process. Raises `OSError`."""
    prctl(_SET_CHILD_SUBREAPER, 1)


def drop_capabilities(machine: str) -> None:
    """Gives up all capabilities for good, root's too. Raises `OSError` if the kernel refuses."""
    for capability in range(_MAX_CAPABILITIES):
        try:
            prctl(_DROP_FROM_BOUNDING_SET, capability)
        except OSError:  # there is none of this number, or this process has no capability at all
            break
    prctl(_AMBIENT, _CLEAR_AMBIENT)
    header, nothing = _CapabilityHeader(_CAPABILITY_VERSION_3, 0), _CapabilitySets()
    system_call(_CAPSET[machine], ctypes.byref(header), ctypes.byref(nothing))


def enter_namespaces(machine: str, *, network: bool) -> bool:
    """Moves into new user and IPC namespaces, and without `network` into one without any network.

    The process keeps its user and its rights to files. It must have one thread. Returns False if the kernel
    or the container allows no user namespaces.
    """
    user, group = os.getuid(), os.getgid()
    try:
        system_call(_UNSHARE[machine], _NEW_USER | _NEW_IPC | (0 if network else _NEW_NETWORK))
    except OSError:
        return False
    with suppress(OSError):  # the user is shown as `nobody` then, with the same rights to files
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    return True
