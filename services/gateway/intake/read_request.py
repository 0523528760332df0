"""Reads requests that may contain files, in both of their forms: JSON, and multipart as the `openai` client
sends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from fastapi import Request
from pydantic_core import from_json
from starlette.datastructures import FormData, UploadFile

from services.gateway.assets.intake import take_upload
from services.gateway.components import Components
from services.gateway.http.errors import ApiError, invalid
from services.gateway.intake.remix import remixed
from services.gateway.jobs.domain.models import Job


@dataclass(frozen=True, slots=True)
class BodyFields:
    """Fields of a multipart body that are not plain text.

    `files`: fields that take a file, each with the field of the request that gets the asset's id. `json`:
    fields whose text is JSON if it begins like an object or a list.
    """

    files: Mapping[str, str] = field(default_factory=dict[str, str])
    json: frozenset[str] = frozenset()


def body_schema(model: str, files: str) -> dict[str, Any]:
    """Returns the OpenAPI description of a body that `read_body` reads.

    `model` is the name of the request's schema; `files` is a sentence that names the fields that take files.
    """
    form = {"type": "object", "description": f"The same fields; {files}, objects are JSON texts."}
    content = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}},
        "multipart/form-data": {"schema": form},
    }
    return {"requestBody": {"required": True, "content": content}}


async def read_remix(
    request: Request, components: Components, job: Job, fields: BodyFields
) -> dict[str, Any]:
    """Returns the stored request of the job with the changes that are the body. Raises `ApiError`."""
    changes = await read_body(request, components, job.record.workspace_id, fields)
    if not isinstance(changes, dict):
        raise invalid("invalid_request", "Send an object with the fields that change.", None)
    changes = cast(dict[str, Any], changes)
    return remixed(job.record.spec.get("request"), changes)


async def read_body(request: Request, components: Components, workspace: str, fields: BodyFields) -> Any:
    """Returns the body as JSON, with every uploaded file stored as an asset of the workspace.

    Raises a 415 for another content type, `ApiError` or `AssetRefused` for an invalid body or file.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "multipart/form-data":
        async with request.form() as form:
            return await read_form(form, components, workspace, fields)
    if content_type == "application/json":
        return read_json(await request.body())
    message = "Send application/json or multipart/form-data."
    raise ApiError(415, "unsupported_content_type", message, "content-type")


def read_json(data: bytes) -> Any:
    """Returns the value. Raises a 400 for invalid JSON."""
    try:
        return from_json(data)
    except ValueError as exc:
        raise ApiError(400, "invalid_json", f"The body is not valid JSON: {exc}.") from exc


async def read_form(
    form: FormData, components: Components, workspace: str, fields: BodyFields
) -> dict[str, Any]:
    """Returns the fields of the form, with the ids of assets in place of files."""
    body: dict[str, Any] = {}
    for name, value in form.multi_items():
        target = fields.files.get(name, name) if isinstance(value, UploadFile) else name
        if target in body:
            raise invalid("field_given_twice", f"{target!r} is given twice. Give it once.", name)
        if isinstance(value, UploadFile):
            if name not in fields.files:
                raise invalid("unexpected_file", f"The field {name!r} takes no file.", name)
            body[target] = (await take_upload(components, workspace, value)).id
        elif name in fields.json and value.startswith(("{", "[")):
            body[name] = read_json(value.encode())
        else:
            add_field(body, name, value)
    return body


def add_field(body: dict[str, Any], name: str, value: str) -> None:
    """Adds a text field to the body. The `openai` client sends `{"a": {"b": "c"}}` as `a[b]=c`."""
    outer, bracket, inner = name.partition("[")
    if bracket and inner.endswith("]"):
        nested = body.setdefault(outer, {})
        if not isinstance(nested, dict):
            message = f"{outer!r} is given both as a whole and by its parts. Give it once."
            raise invalid("field_given_twice", message, outer)
        nested[inner[:-1]] = value
    else:
        body[name] = value
