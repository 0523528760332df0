import json

import pytest

from services.chassis.http_server import refusals
from services.chassis.http_server.refusals import Refusal, response_bytes
from services.gateway.http.errors import ErrorResponse
from services.gateway.http.protection.server_refusals import render_refusal

ALL = [each for each in vars(refusals).values() if isinstance(each, Refusal)]


@pytest.mark.parametrize("refusal", ALL, ids=lambda refusal: refusal.code)
def test_what_the_server_refuses_has_the_shape_of_every_error(refusal: Refusal):
    head, _, body = response_bytes(refusal, render_refusal).decode().partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    error = ErrorResponse.model_validate(json.loads(body)).error
    assert status.startswith(f"HTTP/1.1 {refusal.status} ")
    assert (error.code, error.message, error.retry_after) == (
        refusal.code,
        refusal.message,
        refusal.retry_after,
    )
    assert headers["x-request-id"] == error.request_id
    assert headers["connection"] == "close"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-length"] == str(len(body))
    assert headers.get("retry-after") == (refusal.retry_after and str(refusal.retry_after))
    assert error.retryable == (refusal.retry_after is not None)
