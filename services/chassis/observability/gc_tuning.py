"""Garbage collector settings of a service's process."""

import gc

OBJECTS_PER_COLLECTION = 10_000
"""Threshold of the youngest generation.

Python's default of 700 would scan the jobs in progress several times for each job; the higher it is, the
longer what broken connections leave behind stays.
"""


def collect_rarely() -> None:
    """Freezes all objects that exist now and makes collections rarer. Call it after the imports."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_PER_COLLECTION, 10, 10)
