"""A fast `dataclasses.replace` for the records that change with every event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Slots:
    """Functions that read and write the fields of a slotted class without its `__init__`."""

    read: Callable[[Any], tuple[Any, ...]]
    write: Mapping[str, Callable[[Any, Any], None]]


@cache
def slots_of(kind: type) -> Slots:
    names = [field.name for field in fields(kind)]
    return Slots(attrgetter(*names), {name: getattr(kind, name).__set__ for name in names})


def fast_replace(record: R, **changes: Any) -> R:
    """Faster `dataclasses.replace` for slotted dataclasses with several fields (skips `__post_init__`).

    Takes less than half of the time. Raises KeyError for a field that the class does not have.
    """
    kind = type(record)
    slots = slots_of(kind)
    copy = object.__new__(kind)
    for write, value in zip(slots.write.values(), slots.read(record), strict=True):
        write(copy, value)
    for name, value in changes.items():
        slots.write[name](copy, value)
    return copy
