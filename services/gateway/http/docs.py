"""`/docs`: the description of the API, in which requests can be tried out; `/openapi.json` for programs."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from services.chassis.aio import in_thread

router = APIRouter()
FILES = "/static-offline-docs"
PAGE = files(__package__ or "").joinpath("docs.html").read_text()
SCRIPTS = re.findall(r"<script>(.*?)</script>", PAGE, re.DOTALL)


def mount_files(app: FastAPI) -> None:
    app.mount(FILES, StaticFiles(packages=[("fastapi_offline", "static")]))


def digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


POLICY = "; ".join(
    [
        "default-src 'none'",
        f"script-src 'self' {' '.join(map(digest, SCRIPTS))}",
        "style-src 'self' 'unsafe-inline'",  # the page sets styles of its elements
        "img-src 'self' data:",
        "media-src blob:",
        "connect-src 'self' http: https:",  # a request that is tried out may be redirected to the store
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


@router.get("/docs", include_in_schema=False)
async def get_docs() -> HTMLResponse:
    return HTMLResponse(PAGE, headers={"content-security-policy": POLICY})


@router.get("/openapi.json", include_in_schema=False)
async def get_openapi(request: Request) -> Response:
    description = await in_thread(lambda: rendered(request.app.openapi))
    return Response(description, media_type="application/json")


@lru_cache(maxsize=1)
def rendered(build: Callable[[], dict[str, Any]]) -> bytes:
    """Returns the description as JSON. It is rendered once: that takes a tenth of a second."""
    return json.dumps(build(), ensure_ascii=False, separators=(",", ":")).encode()
