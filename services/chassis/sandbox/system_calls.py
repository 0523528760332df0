"""Calls to the Linux kernel that Python's standard library does not offer."""

import ctypes
import os
import platform
import sys

_libc: ctypes.CDLL | None = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def linux_machine() -> str:
    """Returns the name of the processor architecture, an empty string on another system than Linux."""
    return platform.machine() if _libc is not None else ""


def system_call(number: int, *arguments: object) -> int:
    """Makes a system call. Raises `OSError` with the kernel's error number if it fails."""
    return _checked("syscall", ctypes.c_long(number), *arguments)


def prctl(option: int, *arguments: object) -> int:
    """Makes a `prctl` call; arguments that are left out are 0. Raises `OSError` if it fails."""
    padded = [*arguments, *[0] * (4 - len(arguments))]
    return _checked(
        "prctl", option, *(ctypes.c_ulong(each) if isinstance(each, int) else each for each in padded)
    )


def _checked(function: str, *arguments: object) -> int:
    if _libc is None:
        raise OSError(f"{function}: this system is not Linux")
    result = int(getattr(_libc, function)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
