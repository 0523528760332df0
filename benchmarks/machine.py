"""Describes the machine on which figures were measured."""

import os
import platform
from pathlib import Path


def machine() -> str:
    """Returns the cores, processor, memory and kernel of this machine in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{os.cpu_count()} cores of {processor()}, {memory:.0f} GiB, Linux {platform.release()}"


def processor() -> str:
    """Returns the model name of the processor, or its architecture if Linux does not tell it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
