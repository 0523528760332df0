"""Every endpoint answers with every error that it declares, in the declared shape, with a declared code."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import cast

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from structlog.testing import capture_logs

from services.gateway.app import build_app
from services.gateway.components import Components
from services.gateway.http.declared import CODES
from services.gateway.kinds import load_kinds
from tests.described_api import openapi
from tests.integration.gateway.gateway import Gateway
from tests.integration.gateway.http.declared_errors import Api, open_api, provoker_of, told

APP: FastAPI = build_app(lambda: nullcontext(cast(Components, None)), load_kinds())
DOCUMENT = openapi()


def declared_errors() -> Iterator[tuple[str, str, int]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                if CODES in response:
                    yield method.upper(), path, int(status)


ERRORS = list(declared_errors())


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keeps structlog from rendering tracebacks with all of their variables, which takes minutes."""
    with capture_logs():
        yield


@pytest.fixture(scope="module")
async def api(shared_gateway: Gateway) -> Api:
    return await open_api(APP, shared_gateway)


def test_every_declared_error_has_a_way_to_be_met():
    unmet = [error for error in ERRORS if provoker_of(*error) is None]
    assert unmet == [], "Add them to tests/integration/gateway/http/declared_errors.py."


@pytest.mark.parametrize(("method", "path", "status"), ERRORS, ids=lambda part: str(part))
async def test_the_error_is_met_as_declared(api: Api, method: str, path: str, status: int):
    provoke = provoker_of(method, path, status)
    assert provoke is not None
    response = await provoke(api, method, path)
    assert response.status_code == status, response.text
    declared = DOCUMENT["paths"][path][method.lower()]["responses"][str(status)]
    schema = declared["content"]["application/json"]["schema"] | {"components": DOCUMENT["components"]}
    assert list(Draft202012Validator(schema).iter_errors(response.json())) == []  # pyright: ignore[reportUnknownMemberType]
    error = told(response)
    assert error["code"] in declared[CODES]
    assert error["trace_id"] == response.headers["x-trace-id"]
    assert error["request_id"] == response.headers["x-request-id"]
    assert str(error["retry_after"] or "") == response.headers.get("retry-after", "")
    assert all(name.lower() in response.headers for name in declared.get("headers", ()))
