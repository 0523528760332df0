"""Reads `POST /v1/batches` in both of its forms: JSON Lines as the body, or as the field `file` of a form."""

from fastapi import Request
from starlette.datastructures import UploadFile

from services.gateway.http.errors import ApiError, invalid
from services.gateway.http.form_body import form_of
from services.gateway.http.guarded_route import MAX_LINES_BYTES, too_large

JSON_LINES = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")


async def read_batch(request: Request) -> bytes:
    """Returns the JSON Lines. Raises a 415 for another content type, a 422 if there is no file, a 413 if it
    is too large."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type in JSON_LINES:
        return await request.body()
    if content_type != "multipart/form-data":
        message = "Send application/jsonl, or multipart/form-data with the field file."
        raise ApiError(415, "unsupported_content_type", message, "content-type")
    async with form_of(request) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise invalid("file_missing", "Send the batch's lines as the file of the field file.", "file")
        data = await file.read(MAX_LINES_BYTES + 1)
    if len(data) > MAX_LINES_BYTES:
        raise ApiError(413, "file_too_large", too_large(MAX_LINES_BYTES), "file")
    return data
