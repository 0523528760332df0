"""Checks the API key and the size of a request before its body is read."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from fastapi import Request, Response, params
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.types import Message, Receive

from services.chassis.aio import off_loop
from services.gateway.accounts import repository
from services.gateway.db.pool import Pool
from services.gateway.http.auth import ELEVENLABS_KEY_HEADER
from services.gateway.http.declared import BODY, GUARD, UPLOADING, Codes, codes_of, errors
from services.gateway.http.errors import ApiError
from services.gateway.http.form_body import read_form
from services.gateway.http.json_body import check_encoding, check_values
from services.gateway.settings import GatewaySettings

MEBIBYTE = 1 << 20
MAX_SMALL_BYTES = 2 * MEBIBYTE
"""Limit of bodies without files: several times the longest script."""
MAX_JSON_BYTES = 16 * MEBIBYTE
"""Limit of JSON that may hold a file or many scripts: so much is parsed in half a tenth of a second, during
which nothing else runs."""
MAX_PARSED_VALUES = 2_000
"""Limit of the values in JSON that FastAPI parses and checks on the loop, which takes a few milliseconds:
several times the largest chain of effects."""
MAX_LINES_BYTES = 32 * MEBIBYTE
"""Limit of JSON Lines, which are parsed line by line."""
MULTIPART_OVERHEAD_BYTES = MEBIBYTE


class Admission(Protocol):
    """Bounds the uploads that are under way."""

    def admitted(self, workspace: str, size: int) -> AbstractContextManager[None]:
        """Holds the room for a file. Raises a 429 or a 503 if there is none."""
        ...


class Guarded(Protocol):
    """The part of `Components` that the guard needs."""

    @property
    def pool(self) -> Pool: ...

    @property
    def settings(self) -> GatewaySettings: ...

    @property
    def admission(self) -> Admission: ...


class GuardedRoute(APIRoute):
    """Stores the workspace of the caller's key as `request.state.workspace`.

    Responds with 401 to a missing or unknown key, with 413 to a body that is too large, even if its length is
    not declared, and with 422 to a URL with a NUL. Declares what every such endpoint can answer with, beside
    what the endpoint declares itself.
    """

    body_errors: tuple[Codes, ...] = (BODY,)
    """Errors that reading a body can raise."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        reads_body = self.body_field is not None or "requestBody" in (self.openapi_extra or {})
        always = (GUARD, *self.body_errors) if reads_body else (GUARD,)
        self.responses = self.responses | errors(codes_of(self.responses), *always)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guard(request: Request) -> Response:
            components: Guarded = request.app.state.components
            request.state.workspace = await open_workspace(request.headers, components)
            limit = self.body_limit(request.headers, components.settings.max_upload_bytes)
            check_declared(request.headers, limit)
            check_address(request)
            within = Request(request.scope, bounded(request.receive, limit))
            with self.admitted(request, components, limit):
                await self.check_body(within)
                return await handle(within)

        return guard

    async def check_body(self, request: Request) -> None:
        """Reads the body that FastAPI will parse, which has no limits of its own. Raises `ApiError`."""
        if self.body_field is None:
            return
        if not isinstance(self.body_field.field_info, params.Form):
            await check_json(await request.body())
            return
        form = await read_form(request)  # FastAPI takes this one and closes it
        try:
            for value in form.values():
                if isinstance(value, str):
                    await check_json(value.encode())
        except BaseException:
            await form.close()
            raise

    def body_limit(self, headers: Headers, max_upload_bytes: int) -> int:
        return MAX_SMALL_BYTES

    def admitted(self, request: Request, components: Guarded, limit: int) -> AbstractContextManager[None]:
        """Holds what a body takes that is no longer than `limit`. Raises a refusal if that is too much."""
        return nullcontext()


class UploadRoute(GuardedRoute):
    """A guarded route that takes files, and JSON that may contain files or many scripts."""

    max_json_bytes = MAX_JSON_BYTES
    body_errors = (BODY, UPLOADING)

    def body_limit(self, headers: Headers, max_upload_bytes: int) -> int:
        """Returns the limit of an upload for multipart bodies: only they carry files as they are."""
        if is_multipart(headers):
            return max_upload_bytes + MULTIPART_OVERHEAD_BYTES
        return MAX_SMALL_BYTES if self.body_field is not None else self.max_json_bytes

    def admitted(self, request: Request, components: Guarded, limit: int) -> AbstractContextManager[None]:
        """Holds the room on the disk for a multipart body."""
        if not is_multipart(request.headers):
            return nullcontext()
        size = declared_length(request.headers)
        return components.admission.admitted(request.state.workspace, limit if size is None else size)


class LinesRoute(UploadRoute):
    """A guarded route that takes JSON Lines."""

    max_json_bytes = MAX_LINES_BYTES


def is_multipart(headers: Headers) -> bool:
    return headers.get("content-type", "").lower().startswith("multipart/")


def declared_length(headers: Headers) -> int | None:
    declared = headers.get("content-length", "")
    return int(declared) if declared.isdecimal() else None


async def open_workspace(headers: Headers, components: Guarded) -> str:
    """Returns the workspace of the key in the headers. Raises a 401 if there is none."""
    key = key_of(headers)
    if not key:
        message = "No API key was sent. Send the header `Authorization: Bearer <API key>` (or `xi-api-key`)."
        raise ApiError(401, "missing_api_key", message)
    async with components.pool.acquire() as connection:
        workspace = await repository.workspace_of_key(connection, key)
    if workspace is None:
        message = (
            "This API key is unknown or has been revoked. `likeness status` shows the key of a local stack."
        )
        raise ApiError(401, "invalid_api_key", message)
    return workspace


def key_of(headers: Headers) -> str:
    """Returns the API key; an empty string if none was sent."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    return (bearer if scheme.lower() == "bearer" else headers.get(ELEVENLABS_KEY_HEADER, "")).strip()


def check_address(request: Request) -> None:
    """Raises a 422 for a NUL in path or query: PostgreSQL cannot even compare with it."""
    if "\0" in request.url.path or b"%00" in request.scope["query_string"]:
        message = "The URL holds a NUL character. Leave it out."
        raise ApiError(422, "invalid_request", message)


async def check_json(data: bytes) -> None:
    """Raises a refusal for JSON that takes long to parse and to check on the loop."""

    def check() -> None:
        check_encoding(data)
        check_values(data, MAX_PARSED_VALUES)

    await off_loop(check, len(data))


def check_declared(headers: Headers, limit: int) -> None:
    """Raises a 413 if the declared length is more than `limit` bytes."""
    declared = declared_length(headers)
    if declared is not None and declared > limit:
        raise ApiError(413, "file_too_large", too_large(limit))


def bounded(receive: Receive, limit: int) -> Receive:
    """Returns a `receive` that raises a 413 once more than `limit` bytes have been received."""
    received = 0

    async def receive_within_limit() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise ApiError(413, "file_too_large", too_large(limit))
        return message

    return receive_within_limit


def too_large(limit: int) -> str:
    return (
        f"The request is larger than the limit of {limit // MEBIBYTE} MiB. Shorten or compress what you send."
    )
