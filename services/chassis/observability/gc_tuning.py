"""How often a service's process looks for garbage."""

import gc

OBJECTS_PER_COLLECTION = 10_000
"""Python's own 700 would look through the jobs in hand for garbage several times for each; the more there may
be, the longer what broken connections leave behind stays."""


def collect_rarely() -> None:
    """What has been imported by now stays, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_PER_COLLECTION, 10, 10)
