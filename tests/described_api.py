"""The description of the API, which is built once in a process: it takes a second of a core."""

from contextlib import nullcontext
from functools import cache
from typing import Any, cast

from services.gateway.app import build_app
from services.gateway.components import Components
from services.gateway.kinds import load_kinds


@cache
def openapi() -> dict[str, Any]:
    return build_app(lambda: nullcontext(cast(Components, None)), load_kinds()).openapi()
