"""Forms are read within limits."""

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from services.gateway.http.errors import ApiError
from services.gateway.http.form_body import MAX_FIELDS, MAX_FILES, form_of, read_form

FIELD = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n'


def request_with(parts: bytes, options: str = "") -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": parts + b"--x--\r\n"}

    content_type = f"multipart/form-data; boundary=x{options}".encode()
    scope = {"type": "http", "headers": [(b"content-type", content_type)], "app": None}
    return Request(scope, receive)


@pytest.mark.parametrize("options", ["", "; charset=UTF-8", '; charset="us-ascii"'])
async def test_a_form_within_the_limits_is_read(options: str) -> None:
    async with form_of(request_with(FIELD * MAX_FIELDS + FILE * MAX_FILES, options)) as form:
        assert len(form.multi_items()) == MAX_FIELDS + MAX_FILES


@pytest.mark.parametrize("parts", [FIELD * (MAX_FIELDS + 1), FILE * (MAX_FILES + 1)])
async def test_a_form_of_too_many_parts_is_refused(parts: bytes) -> None:
    with pytest.raises(HTTPException) as refused:
        await read_form(request_with(parts))
    assert refused.value.status_code == 400


@pytest.mark.parametrize("charset", ["punycode", "idna", "utf-7", "raw_unicode_escape", "a" * 1000])
async def test_a_form_in_another_charset_is_refused(charset: str) -> None:
    """A text of a megabyte took a minute in punycode."""
    with pytest.raises(ApiError) as refused:
        await read_form(request_with(FIELD, f"; charset={charset}"))
    assert refused.value.status == 415
    assert len(refused.value.message) < 250
