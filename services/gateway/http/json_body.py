"""Reads JSON that a client has sent, within limits that keep one request from occupying the gateway."""

import re
from typing import Any

from pydantic_core import from_json

from services.chassis.aio import off_loop
from services.gateway.http.errors import ApiError

MAX_VALUES = 20_000
"""Limit of the values in a body: more than a job needs with as many scenes as it may have. A million values
take seconds to read and to check, and a gigabyte. An empty list or object counts twice."""
TEXTS_PER_VALUE = 2
"""Texts that valid JSON has for each of its values at most: a key, and the value itself."""
STEP = 1 << 20
"""Bytes that are searched at once, in about 4 ms: a search holds Python's lock."""
_BEGINNINGS = (b",", b"[", b"{")
"""Before every value but the outermost stands one of these."""
_NEXT = re.compile(rb'[^"\[{,]{0,%d}+(["\[{,]?)' % STEP)
_INSIDE = re.compile(rb'(?:[^"\\]{1,1024}+|\\.){0,1024}+', re.DOTALL)
"""A part of a text: less than one `STEP`, and nothing at its end."""


async def read_json(data: bytes) -> Any:
    """Returns the value. Raises a 400 for invalid JSON, a 422 for more than `MAX_VALUES` values."""
    try:
        return await value_of(data)
    except ValueError as exc:
        raise ApiError(400, "invalid_json", f"The body is not valid JSON: {exc}.") from exc


async def value_of(data: bytes) -> Any:
    """Returns the value; a large one is read while the event loop goes on.

    Raises `ValueError` for invalid JSON, a 422 for more than `MAX_VALUES` values.
    """

    def parsed() -> Any:
        check_values(data)
        return from_json(data)

    return await off_loop(parsed, len(data))


def check_encoding(data: bytes) -> None:
    """Raises a 400 for JSON that is not in UTF-8. A parser that knows other encodings would find more values
    in it than `check_values` does."""
    try:
        data.decode()
    except UnicodeDecodeError as exc:
        raise not_utf8() from exc
    if b"\0" in data:  # UTF-16 and UTF-32 of plain letters; no JSON has it
        raise not_utf8()


def not_utf8() -> ApiError:
    return ApiError(400, "invalid_json", "The body is not valid JSON in UTF-8. Send it in this encoding.")


def check_values(data: bytes, limit: int = MAX_VALUES) -> None:
    """Raises a 422 for JSON of more than `limit` values. Invalid JSON may pass."""
    if may_have_too_many_values(data, limit) and has_too_many_values(data, limit):
        message = (
            f"There are more than {limit} values in this JSON, with all that lists and objects hold. "
            "Send less at once."
        )
        raise ApiError(422, "too_many_values", message)


def may_have_too_many_values(data: bytes, limit: int) -> bool:
    """Returns whether the JSON has more than `limit` values, if those in texts count too."""
    count = 1
    for start in range(0, len(data), STEP):
        for beginning in _BEGINNINGS:
            count += data.count(beginning, start, start + STEP)
        if count > limit:
            return True
    return False


def has_too_many_values(data: bytes, limit: int = MAX_VALUES) -> bool:
    """Returns whether the JSON has more than `limit` values. What stands in texts does not count, but the
    texts do: only invalid JSON has more of them."""
    values, texts, at = 1, 0, 0
    max_texts = limit * TEXTS_PER_VALUE
    while at < len(data) and values <= limit and texts <= max_texts and (found := _NEXT.match(data, at)):
        at = found.end()
        if found[1] == b'"':
            texts += 1
            at = end_of_text(data, at)
        elif found[1]:
            values += 1
    return values > limit or texts > max_texts


def end_of_text(data: bytes, at: int) -> int:
    """Returns the place after the quotation mark that ends the text which begins at `at`."""
    while (found := _INSIDE.match(data, at)) and found.end() > at:
        at = found.end()
    return at + 1
