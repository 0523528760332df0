"""Tells in words what pydantic has found wrong with a request. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.chassis.text.quoted import shortened
from services.gateway.http.errors import ErrorDetail

MAX_VALIDATION_ERRORS = 200
TOO_MANY_ERRORS = f"More than {MAX_VALIDATION_ERRORS} things are wrong with it. Check what belongs here."
CODE = "invalid_request"
BRANCH = re.compile(r"str|int|float|bool|none|[A-Z]\w*|[a-z-]+\[.*\]", re.DOTALL)
"""Parts of a location that are no names of fields: a union's branches, by the names of their types."""
FREE_KEYS = frozenset({"metadata", "amounts", "labels"})
"""Fields whose keys the caller chooses: a key below one is no branch, whatever it looks like."""
KEY = "[key]"
WANTED: Mapping[str, str] = {
    "string_type": "a text",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "dict_type": "an object",
    "list_type": "a list",
    "tuple_type": "a list",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "finite_number": "a finite number",
}
"""Names of the types that are expected, by the types of pydantic's errors about other ones."""
MESSAGES: Mapping[str, str] = {
    "extra_forbidden": "There is no such field. Check its spelling.",
    "missing": "It is missing. Give it.",
}
NO_FILE = "Expected UploadFile"
"""The beginning of FastAPI's error for a text in the place of a file."""
Location = tuple[int | str, ...]
Found = tuple[Location, Mapping[str, Any]]
"""Where an error is, and what pydantic says of it."""


def details_of(exc: RequestValidationError | ValidationError, path: str = "") -> list[ErrorDetail]:
    """Returns an entry for each wrong field, at least one; `path` precedes the names of the fields.

    The alternatives of a union count as one field: what is told is wrong with the one that was meant.
    """
    count = exc.error_count() if isinstance(exc, ValidationError) else len(exc.errors())
    if count > MAX_VALIDATION_ERRORS:
        # Listing them would take minutes and gigabytes.
        return [ErrorDetail(code=CODE, message=TOO_MANY_ERRORS, param=None)]
    skipped = 1 if isinstance(exc, RequestValidationError) else 0  # where in the request the field stands
    found: list[Found] = [(tuple(error["loc"][skipped:]), error) for error in exc.errors()]
    return [detail_of(location, error, path) for location, error in without_branches(found)]


def without_branches(found: Sequence[Found]) -> Iterator[Found]:
    """Yields the errors with one branch of each union, whose name is left out of the locations."""
    unions: defaultdict[Location, dict[int | str, list[Found]]] = defaultdict(dict)
    order: list[tuple[Location, Found | None]] = []
    for location, error in found:
        at = branch_at(location, error)
        if at is None:
            order.append((location, (location, error)))
            continue
        start = location[:at]
        if start not in unions:
            order.append((start, None))
        unions[start].setdefault(location[at], []).append((start + location[at + 1 :], error))
    for location, single in order:
        if single is not None:
            yield single
        else:
            yield from without_branches(meant(location, list(unions[location].values())))


def branch_at(location: Location, error: Mapping[str, Any]) -> int | None:
    """Returns the index of the first name of a union's branch in the location; `None` if there is none."""
    names = location[:-1] if error["type"] == "extra_forbidden" else location
    for index, part in enumerate(names):
        chosen_key = index > 0 and names[index - 1] in FREE_KEYS
        if isinstance(part, str) and not chosen_key and BRANCH.fullmatch(part):
            return index
    return None


def meant(location: Location, branches: Sequence[list[Found]]) -> list[Found]:
    """Returns the errors of the branch that was meant: the first whose type is that of the value.

    If there is none, returns one error that names what all of them take.
    """
    for errors in branches:
        if any(where != location or error["type"] not in WANTED for where, error in errors):
            return errors
    words = dict.fromkeys(WANTED[errors[0][1]["type"]] for errors in branches)
    return [(location, {"type": "union", "msg": f"Give {' or '.join(words)}."})]


def detail_of(location: Location, error: Mapping[str, Any], path: str) -> ErrorDetail:
    is_key = location[-1:] == (KEY,)
    names = location[:-2] if is_key else location
    if error["type"] == "json_invalid" and any(isinstance(part, int) for part in names):
        names = ()  # the position in the text of a body that is no JSON
    param = shortened((path + ".".join(map(str, names))).rstrip(".")) or None
    message = message_of(error)
    if is_key:
        message = f"One of its keys: {message}"
    return ErrorDetail(code=CODE, message=f"{param}: {message}" if param else message, param=param)


def message_of(error: Mapping[str, Any]) -> str:
    kind, message = error["type"], str(error["msg"])
    if kind in WANTED:
        return f"Give {WANTED[kind]}."
    if kind == "value_error":
        text = str(error["ctx"]["error"])
        return "Send a file in this field." if text.startswith(NO_FILE) else text
    if kind == "json_invalid":
        return f"This is not valid JSON: {error['ctx']['error']}."
    return MESSAGES.get(kind, message)
