"""Reads forms, within limits that keep one request from occupying the gateway."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData

from services.chassis.text.quoted import quoted
from services.gateway.http.errors import ApiError

MAX_FILES = 10
MAX_FIELDS = 64
"""Limit of the fields that are no files. Each has 1 MiB at most, and all are kept in memory."""
CHARSETS = ("", "utf-8", "utf8", "us-ascii")


@asynccontextmanager
async def form_of(request: Request) -> AsyncGenerator[FormData]:
    """Yields the form, whose files are closed in the end. Raises as `read_form` does."""
    form = await read_form(request)
    try:
        yield form
    finally:
        await form.close()


async def read_form(request: Request) -> FormData:
    """Returns the form. Raises a 400 for an invalid one, and for more than `MAX_FILES` files or `MAX_FIELDS`
    other fields, a 415 for one that is not in UTF-8: some of Python's codecs take the square of a text's
    length."""
    _, options = parse_options_header(request.headers.get("content-type", ""))
    charset = options.get(b"charset", b"").decode("latin-1")
    if charset.lower() not in CHARSETS:
        message = f"A form in the charset {quoted(charset)} is not read. Send it in UTF-8."
        raise ApiError(415, "unsupported_content_type", message, "content-type")
    return await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS)
