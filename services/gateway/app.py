"""Builds the FastAPI application of the public API."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from services.gateway.assets import endpoints as assets
from services.gateway.avatars import endpoints as avatars
from services.gateway.batches import endpoints as batches
from services.gateway.components import Components
from services.gateway.dead_letters import endpoints as dead_letters
from services.gateway.effects import endpoints as effects
from services.gateway.elevenlabs import speech_to_speech, speech_to_text, text_to_speech, voices_add
from services.gateway.engines import endpoints as engines
from services.gateway.http import docs, health
from services.gateway.http.exception_handlers import install_exception_handlers
from services.gateway.http.middleware import add_middleware
from services.gateway.http.protection.exposure import EVERYTHING, Exposure, set_exposure
from services.gateway.http.protection.rate_limits import DEVELOPMENT, RequestLimits
from services.gateway.http.request_context import is_quiet
from services.gateway.jobs import endpoints as jobs
from services.gateway.jobs.kinds import AnyKind
from services.gateway.lexicon import endpoints as lexicon
from services.gateway.openapi import complete
from services.gateway.speech import endpoints as speech
from services.gateway.transcriptions import endpoints as transcriptions
from services.gateway.voices import endpoints as voices

MODULES = (
    jobs,
    batches,
    dead_letters,
    speech,
    transcriptions,
    text_to_speech,
    speech_to_speech,
    speech_to_text,
    voices_add,
    voices,
    lexicon,
    effects,
    avatars,
    assets,
    engines,
    health,
)
"""Modules whose `router` every gateway has."""
Running = Callable[[], AbstractAsyncContextManager[Components]]
DESCRIPTION = """Turns a script and a portrait into a talking video.

The official `openai` Python client works against `/v1/videos`, `/v1/audio/speech`, `/v1/audio/transcriptions`
and `/v1/models` as it is: set its `base_url` to this server's `/v1`. So does ElevenLabs' against
`/v1/text-to-speech`, `/v1/speech-to-speech`, `/v1/speech-to-text` and `/v1/voices`: its `base_url` is this
server itself."""


def build_app(
    running: Running,
    kinds: Sequence[AnyKind],
    cors_origins: Sequence[str] = (),
    exposure: Exposure = EVERYTHING,
    request_limits: RequestLimits = DEVELOPMENT,
) -> FastAPI:
    """Builds the API with the endpoints of these kinds of jobs.

    `running` starts the components that the handlers need, and stops them in the end. Pages of `cors_origins`
    may call the API. `exposure` says what is shown without a key, `request_limits` how many requests a client
    may send.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with running() as components:
            app.state.components = components
            app.state.checks = health.build_checks(components)
            yield

    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        title="Likeness",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        telemetry={"exclude": is_quiet},
    )
    set_exposure(app, exposure)
    add_middleware(app, cors_origins, request_limits)
    install_exception_handlers(app)
    for module in MODULES:
        add_routes(app, module.router)
    if exposure.metrics:
        add_routes(app, health.metrics_router)
    if exposure.docs:
        docs.mount_files(app)
        add_routes(app, docs.router)
    for kind in kinds:
        add_routes(app, kind.router)
    app.openapi = lambda: build_openapi(app, kinds)
    return app


def add_routes(app: FastAPI, router: APIRouter) -> None:
    """Adds the routes as they are. `include_router` would have each built a second time by the first request
    that is matched against it."""
    app.router.routes.extend(router.routes)


def build_openapi(app: FastAPI, kinds: Sequence[AnyKind]) -> dict[str, Any]:
    """Returns the description of the API, completed with what FastAPI does not know of it."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        app.openapi_schema = complete(document, kinds)
    return app.openapi_schema
