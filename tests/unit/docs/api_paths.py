"""Looks up endpoints in the OpenAPI description of the gateway."""

import re
from typing import Any

from tests.described_api import openapi


def operation_of(method: str, path: str) -> dict[str, Any]:
    """Returns the description of the endpoint; parts of `path` may be names in braces.

    Raises `AssertionError` if there is none.
    """
    for template, operations in openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method in operations:
            return operations[method]
    raise AssertionError(f"There is no {method} {path}.")
