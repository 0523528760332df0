"""Garbage collector settings of a service's process."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

OBJECTS_PER_COLLECTION = 10_000
"""Threshold of the youngest generation.

Python's default of 700 would scan the jobs in progress several times for each job; the higher it is, the
longer what broken connections leave behind stays.
"""


@contextmanager
def collections_paused() -> Generator[None]:
    """Stops collections in the block. Imports go there: they make many objects and hardly any garbage, and
    the search for it takes a sixth of their time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def collect_rarely() -> None:
    """Freezes all objects that exist now and makes collections rarer. Call it after the imports.

    The objects are not searched for garbage first: it is hardly one in a hundred after the imports, and the
    search would take longer than the imports of a library.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS_PER_COLLECTION, 10, 10)
