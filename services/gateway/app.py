"""The public API."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline

from services.gateway import health
from services.gateway.assets import endpoints as assets
from services.gateway.components import Components
from services.gateway.engines import endpoints as engines
from services.gateway.exception_handlers import install_exception_handlers
from services.gateway.request_context import RequestContext, is_quiet
from services.gateway.speech import endpoints as speech
from services.gateway.videos import endpoints as videos
from services.gateway.videos.schemas import VideoRequest

Running = Callable[[], AbstractAsyncContextManager[Components]]
DESCRIPTION = """Turns a script and a portrait into a talking video.

The official `openai` Python client works against `/v1/videos`, `/v1/audio/speech` and `/v1/models` as it is:
set its `base_url` to this server's `/v1`."""


def build_app(running: Running) -> FastAPI:
    """`running` starts what the handlers need, and stops it in the end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with running() as components:
            app.state.components = components
            yield

    app = FastAPIOffline(
        redoc_url=None,
        title="Likeness",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        telemetry={"exclude": is_quiet},
    )
    app.add_middleware(RequestContext)
    install_exception_handlers(app)
    for module in (videos, speech, assets, engines, health):
        app.include_router(module.router)
    app.openapi = lambda: build_openapi(app)
    return app


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """The schema, with the body that `POST /v1/videos` reads by itself."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        template = "#/components/schemas/{model}"
        body = VideoRequest.model_json_schema(ref_template=template)
        schemas = schema["components"]["schemas"]
        schemas |= body.pop("$defs") | {"VideoRequest": body}
        app.openapi_schema = schema
    return app.openapi_schema
