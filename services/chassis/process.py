"""How the process of a service runs."""

import gc
from collections.abc import Coroutine
from typing import TypeVar

import uvloop

OBJECTS_PER_COLLECTION = 50_000
"""Python's own 700 would look through the jobs in hand for garbage several times for each of them."""

T = TypeVar("T")


def run(main: Coroutine[object, object, T]) -> T:
    """Run `main` to its end, on a quick event loop and with few garbage collections."""
    collect_rarely()
    return uvloop.run(main)


def collect_rarely() -> None:
    """What has been imported by now stays, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_PER_COLLECTION, 20, 20)
