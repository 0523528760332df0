"""The guard reads the body that FastAPI will parse."""

from typing import Annotated

import pytest
from fastapi import FastAPI, Form, UploadFile
from starlette.datastructures import UploadFile as StarletteFile
from starlette.requests import Request
from starlette.types import Message

from services.gateway.http.errors import ApiError
from services.gateway.http.guarded_route import MAX_PARSED_VALUES, GuardedRoute

PART = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'


async def take(settings: Annotated[str, Form()], file: UploadFile) -> None: ...


@pytest.mark.parametrize("too_many", [False, True])
async def test_the_files_of_a_form_are_closed_if_it_is_refused(too_many: bool):
    values = b"[" + b"0," * (MAX_PARSED_VALUES * too_many) + b"0]"
    parts = PART % (b"settings", b"", values) + PART % (b"file", b'; filename="a"', b"a" * 10)

    async def receive() -> Message:
        return {"type": "http.request", "body": parts + b"--x--\r\n"}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    request = Request({"type": "http", "headers": headers, "app": FastAPI()}, receive)
    route = GuardedRoute("/", take, methods=["POST"])
    if too_many:
        with pytest.raises(ApiError, match="values"):
            await route.check_body(request)
    else:
        await route.check_body(request)
    file = (await request.form())["file"]
    assert isinstance(file, StarletteFile)
    assert file.file.closed is too_many
