"""Error responses: one envelope for every exception, with a message that says what to do."""

import errno
import re
from typing import Annotated, Any

import asyncpg
import httpx2
import pytest
from fastapi import Body, FastAPI, HTTPException
from starlette.requests import ClientDisconnect
from structlog.testing import capture_logs

from services.chassis.errors import EngineUnavailable, FaceNotFound, LikenessError, Reason, TimedOut
from services.gateway.assets.errors import AssetRefused
from services.gateway.http.errors import (
    MAX_DETAILS,
    ApiError,
    ErrorDetail,
    ErrorObject,
    ErrorResponse,
    error_type,
    not_found,
)
from services.gateway.http.exception_handlers import install_exception_handlers
from services.gateway.http.request_context import RequestContext
from services.gateway.videos.requests import VideoRequest

RAISED: list[tuple[Exception, int, str, str, str | None]] = [
    (ApiError(409, "taken", "It is taken.", "name"), 409, "taken", "It is taken.", "name"),
    (not_found("video", "v"), 404, "video_not_found", "There is no video 'v' in this workspace.", "id"),
    (AssetRefused(413, "file_too_large", "Too large."), 413, "file_too_large", "Too large.", None),
    (FaceNotFound("No face."), 422, "face_not_found", "No face.", None),
    (EngineUnavailable("Not now."), 503, "engine_unavailable", "Not now.", None),
    (TimedOut("Too slow."), 504, "timed_out", "Too slow.", None),
    (LikenessError("Odd.", reason=Reason.INTERNAL), 500, "internal", "Odd.", None),
    (HTTPException(405), 405, "method_not_allowed", "Method Not Allowed", None),
    (asyncpg.DataError("secret text"), 422, "invalid_request", "cannot be stored", None),
    (ClientDisconnect(), 400, "client_gone", "broke off", None),
    (ConnectionRefusedError("secret host"), 503, "database_unavailable", "Try again", None),
    (TimeoutError(), 503, "database_unavailable", "Try again", None),
    (RuntimeError("secret"), 500, "internal_error", "quote the request id", None),
]


async def answer(
    error: Exception | None = None, body: Any = None, path: str = "/", **headers: str
) -> httpx2.Response:
    app = FastAPI()
    app.add_middleware(RequestContext)
    install_exception_handlers(app)

    @app.post("/")
    async def handle(request: Annotated[VideoRequest | None, Body()] = None) -> None:
        if error is not None:
            raise error

    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as http:
        return await http.post(path, json=body, headers={"x-request-id": "r1", **headers})


@pytest.mark.parametrize(
    ("error", "status", "code", "message", "param"), RAISED, ids=[type(each[0]).__name__ for each in RAISED]
)
async def test_every_exception_becomes_an_error_response(
    error: Exception, status: int, code: str, message: str, param: str | None
):
    response = await answer(error)
    error_body = response.json()["error"]
    assert (response.status_code, error_body["code"], error_body["param"], error_body["request_id"]) == (
        status,
        code,
        param,
        "r1",
    )
    assert message in error_body["message"]
    assert "secret" not in response.text
    assert error_body["type"] == error_type(status)
    assert response.headers.get("retry-after") == ("2" if status == 503 else None)
    assert error_body["retry_after"] == (2 if status == 503 else None)
    assert error_body["retryable"] is (status in (503, 504))
    assert [(each["code"], each["param"]) for each in error_body["details"]] == (
        [(code, param)] if status < 500 else []
    )


@pytest.mark.parametrize(
    "error", [each[0] for each in RAISED], ids=[type(each[0]).__name__ for each in RAISED]
)
async def test_every_error_has_every_field_and_its_ids_in_the_headers(error: Exception):
    response = await answer(error)
    assert set(response.json()) == {"error"}
    assert set(response.json()["error"]) == set(ErrorObject.model_fields)
    for detail in response.json()["error"]["details"]:
        assert set(detail) == set(ErrorDetail.model_fields)
    assert response.headers["x-trace-id"] == response.json()["error"]["trace_id"]
    assert response.headers["x-request-id"] == "r1"
    assert re.fullmatch("(?!0+$)[0-9a-f]{32}", response.headers["x-trace-id"])


async def test_callers_that_speak_elevenlabs_also_get_their_detail():
    response = await answer(not_found("video", "v"), **{"xi-api-key": "k"})
    error = ErrorResponse.model_validate(response.json())
    assert error.detail is not None
    assert (error.detail.status, error.detail.message) == ("video_not_found", error.error.message)


async def test_all_wrong_fields_are_told_at_once():
    wrong = {
        "speed": 9,
        "size": "big",
        "colour": 1,
        "scenes": [{"pitch_semitones": 99}],
        "output": {"fps": 1},
    }
    error = (await answer(body=wrong)).json()["error"]
    assert {each["param"] for each in error["details"]} == {
        "speed",
        "size",
        "colour",
        "scenes.0.pitch_semitones",
        "output.fps",
    }
    first = error["details"][0]
    assert all(error[name] == first[name] for name in ("code", "message", "param"))


async def test_no_more_than_fifty_details_are_sent_and_the_message_says_how_many_there_are():
    error = (await answer(body=dict.fromkeys(map(str, range(70))))).json()["error"]
    assert len(error["details"]) == MAX_DETAILS
    assert "70 things are wrong" in error["message"]


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        ({"colour": 1}, "colour", "There is no such field. Check its spelling."),
        ({"speed": 9}, "speed", "less than or equal to 4"),
        ({"size": "big"}, "size", "'big' is not WIDTHxHEIGHT, such as 1280x720."),
        ({"scenes": [{"script": "x"}, {"speed": 9}]}, "scenes.1.speed", "scenes.1.speed: Input should be"),
        ({"input_reference": {}}, "input_reference", "needs exactly one of file_id and image_url"),
        (
            {"script": "x", "scenes": [dict[str, Any]()]},
            None,
            "Give what is said or done, and seconds, at the top or in scenes",
        ),
    ],
)
async def test_an_invalid_field_is_named(body: dict[str, Any], param: str | None, message: str):
    response = await answer(body=body)
    error_body = response.json()["error"]
    assert (response.status_code, error_body["code"], error_body["param"]) == (422, "invalid_request", param)
    assert message in error_body["message"]


async def test_half_of_a_surrogate_pair_is_quoted_as_sent():
    response = await answer(ApiError(422, "odd", "There is no 'a\ud800'.", "a\ud800"))
    assert (response.status_code, response.json()["error"]["param"]) == (422, "a\ud800")


async def test_an_unknown_path_is_answered_with_a_hint_to_the_docs():
    error_body = (await answer(path="/v2")).json()["error"]
    assert (error_body["code"], error_body["message"]) == (
        "not_found",
        "There is no such endpoint; /docs lists them.",
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (422, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "server_error"),
        (503, "server_error"),
    ],
)
def test_the_type_follows_from_the_status(status: int, kind: str):
    assert error_type(status) == kind


async def test_the_log_of_a_full_disk_does_not_hold_the_path():
    app = FastAPI()
    install_exception_handlers(app)

    @app.put("/v1/lexicon/{word}")
    async def put(word: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    transport = httpx2.ASGITransport(app)
    with capture_logs() as logged:
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as http:
            assert (await http.put("/v1/lexicon/secret")).status_code == 503
    assert [(each["event"], each["route"]) for each in logged] == [("http.disk_full", "/v1/lexicon/{word}")]
    assert "secret" not in str(logged)
