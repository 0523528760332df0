"""Checks values for the fields of dataclasses against the types that these declare."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, cast, get_args, get_origin, get_type_hints


def check_fields(kind: type[Any], values: Sequence[Any]) -> None:
    """Raises `TypeError` if a value, in the order of the fields, is not of its field's type.

    The fields' types are classes, tuples of one type, mappings and `Any`. An integer is a float too. The
    values of dataclasses are not looked into.
    """
    for (name, declared), value in zip(_declared(kind), values, strict=False):
        if not _is_of(declared, value):
            raise TypeError(f"{kind.__name__}.{name} is a {type(value).__name__}")


@cache
def _declared(kind: type[Any]) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))


def _is_of(declared: Any, value: Any) -> bool:
    if declared is Any:
        return True
    if declared is float:
        return isinstance(value, (int, float))
    if get_origin(declared) is tuple:
        element = get_args(declared)[0]
        return isinstance(value, tuple) and all(_is_of(element, each) for each in cast(tuple[Any], value))
    if get_origin(declared) is Mapping:
        key, each = get_args(declared)
        items = cast(Mapping[Any, Any], value).items() if isinstance(value, Mapping) else None
        return items is not None and all(_is_of(key, one) and _is_of(each, other) for one, other in items)
    return isinstance(value, declared)
