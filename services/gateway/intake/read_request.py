"""Reads requests that may contain files, in both of their forms: JSON, and multipart as the `openai` client
sends it."""

from typing import Any, cast

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from services.chassis.text.quoted import quoted
from services.gateway.http.errors import ApiError, invalid
from services.gateway.http.form_body import form_of
from services.gateway.http.guarded_route import MAX_JSON_BYTES, too_large
from services.gateway.http.json_body import read_json
from services.gateway.intake.body_schema import BodyFields
from services.gateway.intake.remix import remixed
from services.gateway.intake.uploads import Uploads
from services.gateway.jobs.domain.models import Job

SOUND_FIELDS = frozenset({"audio", "audio_sample"})
"""Fields of requests in which a video's sound counts."""


async def read_remix(request: Request, uploads: Uploads, job: Job, fields: BodyFields) -> dict[str, Any]:
    """Returns the stored request of the job with the changes that are the body. Raises `ApiError`."""
    changes = await read_body(request, uploads, fields)
    if not isinstance(changes, dict):
        raise invalid("invalid_request", "Send an object with the fields that change.", None)
    changes = cast(dict[str, Any], changes)
    return remixed(job.record.spec.get("request"), changes)


async def read_body(request: Request, uploads: Uploads, fields: BodyFields) -> Any:
    """Returns the body as JSON, with every uploaded file stored as an asset of the workspace.

    Raises a 415 for another content type, `ApiError` or `AssetRefused` for an invalid body or file.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "multipart/form-data":
        async with form_of(request) as form:
            return await read_fields(form, uploads, fields)
    if content_type == "application/json":
        return await read_json(await request.body())
    message = "Send application/json or multipart/form-data."
    raise ApiError(415, "unsupported_content_type", message, "content-type")


async def read_fields(form: FormData, uploads: Uploads, fields: BodyFields) -> dict[str, Any]:
    """Returns the fields of the form, with the ids of assets in place of files.

    Files are stored last: a form that is wrong otherwise costs no more. Browsers send the inputs that are
    not filled in too: an empty one counts as left out.
    """
    body: dict[str, Any] = {}
    files: dict[str, UploadFile] = {}
    for name, value in form.multi_items():
        if is_empty(value):
            continue
        if isinstance(value, str):
            is_json = name in fields.json and value.startswith(("{", "["))
            add_field(body, name, await read_json(value.encode()) if is_json else value)
        elif name in fields.json and has_json_type(value):
            add_field(body, name, await read_json(await part_of(value, name)))
        elif name in fields.files:
            target = fields.files[name]
            check_absent(body, target, target, name)
            body[target], files[target] = None, value
        else:
            raise invalid("unexpected_file", f"The field {quoted(name)} takes no file.", name)
    for target, file in files.items():
        body[target] = await uploads.take(file, sound_only=target in SOUND_FIELDS)
    return body


async def part_of(part: UploadFile, name: str) -> bytes:
    """Returns the JSON in a part of the form. Raises a 413 if it is larger than a JSON body may be."""
    data = await part.read(MAX_JSON_BYTES + 1)
    if len(data) > MAX_JSON_BYTES:
        raise ApiError(413, "file_too_large", too_large(MAX_JSON_BYTES), name)
    return data


def is_empty(value: str | UploadFile) -> bool:
    return not value if isinstance(value, str) else not value.filename and not value.size


def has_json_type(part: UploadFile) -> bool:
    """Returns whether the part is declared as JSON: browsers and other clients give it a file name."""
    return (part.content_type or "").partition(";")[0].strip().lower() == "application/json"


def add_field(body: dict[str, Any], name: str, value: Any) -> None:
    """Adds a field to the body. The `openai` client sends `{"a": {"b": "c"}}` as `a[b]=c`."""
    outer, bracket, inner = name.partition("[")
    if not (bracket and inner.endswith("]")):
        check_absent(body, name, name, name)
        body[name] = value
        return
    nested = body.setdefault(outer, {})
    if not isinstance(nested, dict):
        message = f"{quoted(outer)} is given both as a whole and by its parts. Give it once."
        raise invalid("field_given_twice", message, outer)
    nested = cast(dict[str, Any], nested)
    check_absent(nested, inner[:-1], name, name)
    nested[inner[:-1]] = value


def check_absent(values: dict[str, Any], key: str, shown: str, param: str) -> None:
    """Raises a 422 about the form's field `param` if there is a value for `key`, called `shown`, already."""
    if key in values:
        raise invalid("field_given_twice", f"{quoted(shown)} is given twice. Give it once.", param)
