"""Lets web pages of other origins call the API."""

from http import HTTPStatus

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.gateway.http.errors import ApiError
from services.gateway.http.exception_handlers import error_response


class Cors(CORSMiddleware):
    """Starlette's middleware, which refuses a preflight in the shape of the API's errors."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_preflight(scope):
            await super().__call__(scope, receive, send)
            return
        request = Request(scope)
        response: Response = self.preflight_response(request_headers=request.headers)
        if response.status_code == HTTPStatus.BAD_REQUEST:
            message = (
                f"{bytes(response.body).decode()}. The operator allows origins with LIKENESS_CORS_ORIGINS."
            )
            headers = {name: value for name, value in response.headers.items() if name in KEPT}
            response = error_response(request, ApiError(400, "cors_refused", message), headers)
        await response(scope, receive, send)


KEPT = ("vary", "access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers")
"""Headers of the refusal itself."""


def is_preflight(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "OPTIONS"
        and "origin" in (headers := Request(scope).headers)
        and "access-control-request-method" in headers
    )
