"""Gives freed memory back to the system."""

import ctypes


def return_freed_memory() -> None:
    """Returns memory that this process has freed to the system: glibc keeps it for later. Does nothing with
    another C library."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
