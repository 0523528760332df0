"""Reads `POST /v1/videos` in both of its forms: JSON, and multipart as the `openai` client sends it."""

import base64
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from pydantic_core import from_json
from starlette.datastructures import FormData, UploadFile

from services.gateway.assets.intake import take_chunks, take_upload
from services.gateway.components import Components
from services.gateway.http.errors import ApiError, invalid
from services.gateway.videos.requests import VideoRequest

FILE_FIELDS = {"input_reference": "image", "image": "image", "audio": "audio"}
JSON_FIELDS = frozenset({"scenes", "output", "conversion", "avatar", "effects", "input_reference"})


async def read_request(request: Request, components: Components, workspace: str) -> VideoRequest:
    """The request with every uploaded file turned into an asset of the workspace."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "multipart/form-data":
        async with request.form() as form:
            body = await read_form(form, components, workspace)
    elif content_type == "application/json":
        body = read_json(await request.body())
    else:
        message = "Send application/json or multipart/form-data."
        raise ApiError(415, "unsupported_content_type", message, "content-type")
    return await with_reference(VideoRequest.model_validate(body), components, workspace)


def read_json(data: bytes) -> Any:
    try:
        return from_json(data)
    except ValueError as exc:
        raise ApiError(400, "invalid_json", f"The body is not valid JSON: {exc}.") from exc


async def read_form(form: FormData, components: Components, workspace: str) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in form.multi_items():
        field = FILE_FIELDS.get(name, name) if isinstance(value, UploadFile) else name
        if field in body:
            raise invalid("field_given_twice", f"{field!r} is given twice. Give it once.", name)
        if isinstance(value, UploadFile):
            if name not in FILE_FIELDS:
                raise invalid("unexpected_file", f"The field {name!r} takes no file.", name)
            body[field] = (await take_upload(components, workspace, value)).id
        elif name in JSON_FIELDS and value.startswith(("{", "[")):
            body[name] = read_json(value.encode())
        else:
            add_field(body, name, value)
    return body


def add_field(body: dict[str, Any], name: str, value: str) -> None:
    """`a[b]=c` is how the `openai` client sends `{"a": {"b": "c"}}`."""
    outer, bracket, inner = name.partition("[")
    if bracket and inner.endswith("]"):
        fields = body.setdefault(outer, {})
        if not isinstance(fields, dict):
            message = f"{outer!r} is given both as a whole and by its parts. Give it once."
            raise invalid("field_given_twice", message, outer)
        fields[inner[:-1]] = value
    else:
        body[name] = value


async def with_reference(request: VideoRequest, components: Components, workspace: str) -> VideoRequest:
    """`input_reference` is another name for `image`."""
    reference = request.input_reference
    if reference is None:
        return request
    image = reference.file_id
    if reference.image_url is not None:
        data = read_data_url(reference.image_url)
        image = (await take_chunks(components, workspace, "input_reference", once(data))).id
    return request.model_copy(update={"image": image, "input_reference": None})


def read_data_url(url: str) -> bytes:
    head, _, payload = url.partition(",")
    param = "input_reference.image_url"
    if not head.startswith("data:") or not head.endswith(";base64"):
        message = (
            "Only data URLs (data:image/png;base64,…) are taken. Upload other images with POST /v1/assets."
        )
        raise invalid("image_url_unsupported", message, param)
    try:
        return base64.b64decode(payload, validate=True)
    except ValueError as exc:
        raise invalid("image_url_invalid", "The data URL is not valid base64.", param) from exc


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data
