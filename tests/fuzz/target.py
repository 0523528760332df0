"""Defines what is fuzzed: a target makes a case from a random number and runs it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import Any

Case = bytes | dict[str, Any]
"""A file, or the parts of a request or a script by name."""
Run = Callable[[Case], None]


class Finding(Exception):
    """A fault that a target has noticed itself, such as an answer of status 500."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the targets that go through the API find a stack; empty for those in the process."""

    url: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class FuzzTarget:
    """One way into the code.

    A case's number decides the case: a case that has found something is made again from it, as long as the
    generators stay as they are.
    """

    name: str
    make: Callable[[Random], Case]
    opened: Callable[[Setting], AbstractContextManager[Run]]
    """Yields what runs a case. It lets through every exception that is no refusal of the input."""
    seconds: float
    """Time of the processor, or for the API time, that a case may take."""
    doubled: Callable[[Case], Case] | None = None
    """Makes a case of twice the size, to see how the time grows."""
    through_api: bool = False


def parts_of(case: Case) -> dict[str, Any]:
    """Returns the case of a target whose cases have parts. Raises TypeError for a file."""
    if isinstance(case, bytes):
        raise TypeError("This target's cases are no files.")
    return case


def case_of(target: FuzzTarget, number: int) -> Case:
    return target.make(Random(f"{target.name}:{number}"))
