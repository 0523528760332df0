"""Looks up endpoints in the OpenAPI description of the gateway."""

import re
from contextlib import nullcontext
from functools import cache
from typing import Any, cast

from services.gateway.app import build_app
from services.gateway.components import Components
from services.gateway.kinds import load_kinds


@cache
def openapi() -> dict[str, Any]:
    return build_app(lambda: nullcontext(cast(Components, None)), load_kinds()).openapi()


def operation_of(method: str, path: str) -> dict[str, Any]:
    """Returns the description of the endpoint; parts of `path` may be names in braces.

    Raises `AssertionError` if there is none.
    """
    for template, operations in openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method in operations:
            return operations[method]
    raise AssertionError(f"There is no {method} {path}.")
