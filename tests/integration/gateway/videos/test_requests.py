"""Invalid requests are refused with a reason, and do not break the gateway."""

import asyncio
import base64
import json
from typing import Any

import pytest

from tests.examples import READER
from tests.integration.gateway.fake_workers import FakeWorkers, start_only
from tests.integration.gateway.gateway import Gateway, picture
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import terminate_waiting, waiting_for_locks

POINTS = ("left_eye", "right_eye", "mouth_left", "mouth_right", "upper_lip", "lower_lip", "chin")


def landmarks(number: float) -> dict[str, Any]:
    return {name: [number, 1] for name in POINTS}


async def refusal(
    gateway: Gateway, content: bytes, content_type: str = "application/json"
) -> tuple[int, str]:
    response = await gateway.http.post("/v1/videos", content=content, headers={"Content-Type": content_type})
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (b"{", (400, "invalid_json")),
        (b"[" * 10_000, (400, "invalid_json")),
        (rb'{"script": "\ud800"}', (400, "invalid_json")),
        (b"\xff\xfe", (400, "invalid_json")),
        (b"[]", (422, "invalid_request")),
        (b'{"colour": "red"}', (422, "invalid_request")),
        (b'{"size": "\xc2\xb2x\xc2\xb2"}', (422, "invalid_request")),
        (b'{"script": "Hello."}', (422, "image_missing")),
        (b'{"scenes": [' + b"{}," * 2000 + b"{}]}", (422, "invalid_request")),
    ],
)
async def test_an_invalid_body_is_refused(shared_gateway: Gateway, content: bytes, refused: tuple[int, str]):
    assert await refusal(shared_gateway, content) == refused


async def test_an_unsupported_content_type_is_refused(shared_gateway: Gateway):
    assert await refusal(shared_gateway, b"a=b", "application/x-www-form-urlencoded") == (
        415,
        "unsupported_content_type",
    )


@pytest.mark.parametrize(
    "request_text",
    [
        '{"image": "%s", "script": "a\\u0000b"}',
        '{"avatar": {"image": "%s", "landmarks": '
        + json.dumps(landmarks(float("nan")))
        + '}, "script": "Hi"}',
        '{"avatar": {"image": "%s", "landmarks": '
        + json.dumps(landmarks(float("inf")))
        + '}, "script": "Hi"}',
        '{"image": "%s", "script": "Hi", "output": {"audio_delay_seconds": NaN}}',
    ],
    ids=["nul", "nan", "infinity", "nan-output"],
)
async def test_values_that_no_table_can_hold_are_refused(shared_gateway: Gateway, request_text: str):
    content = (request_text % await shared_gateway.upload(picture())).encode()
    count = "SELECT count(*) FROM jobs"
    before = await shared_gateway.components.pool.fetchval(count)
    assert await refusal(shared_gateway, content) == (422, "invalid_request")
    assert await shared_gateway.components.pool.fetchval(count) == before


async def test_a_prompt_that_is_too_long_is_refused(shared_gateway: Gateway):
    """The prompt is part of a command, and the bus limits the size of messages."""
    body = {"script": "Hi.", "prompt": "x" * 2_000_000, "image": await shared_gateway.upload(picture())}
    assert await refusal(shared_gateway, json.dumps(body).encode()) == (422, "prompt_too_long")


async def test_a_form_of_the_openai_client_creates_a_video(gateway: Gateway, workers: FakeWorkers):
    response = await gateway.http.post(
        "/v1/videos",
        data={"prompt": "Hello.", "size": "256x256", "seconds": "4", "output[fps]": "30"},
        files={"input_reference": ("me.png", picture(), "image/png")},
    )
    assert response.status_code == 200, response.text
    command = await workers["video"].received()
    assert command.stage.job_id == response.json()["id"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"output": "fast", "output[fps]": "30"}, "field_given_twice"),
        ({"scenes": "[]", "scenes[0]": "x"}, "field_given_twice"),
        ({"scenes": "[{"}, "invalid_json"),
        ({"seconds": "long"}, "invalid_request"),
    ],
)
async def test_an_invalid_form_is_refused(shared_gateway: Gateway, data: dict[str, str], code: str):
    files = {"image": ("me.png", picture(), "image/png")}
    response = await shared_gateway.http.post("/v1/videos", data=data, files=files)
    assert (response.status_code // 100, response.json()["error"]["code"]) == (4, code)


async def test_thousands_of_mistakes_are_not_listed(shared_gateway: Gateway):
    """Each would cost a kilobyte of memory."""
    response = await shared_gateway.http.post("/v1/videos", json=dict.fromkeys(map(str, range(2000))))
    assert (response.status_code, response.json()["error"]["param"]) == (422, None)
    assert "More than 200 things are wrong" in response.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/v1/videos", "/v1/batches"])
async def test_a_form_in_an_unknown_charset_is_refused(shared_gateway: Gateway, path: str):
    form = b'--x\r\nContent-Disposition: form-data; name="script"\r\n\r\nHello.\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x; charset=undefined"}
    response = await shared_gateway.http.post(path, content=form, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (415, "unsupported_content_type")


async def test_a_request_interrupted_by_the_database_may_be_sent_again(
    gateway: Gateway, workers: FakeWorkers
):
    workers["tts"].behaviour = start_only
    video = await gateway.create(script="Hello.")
    await gateway.in_state(video["id"], "tts", "running")
    pool = gateway.components.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch("SELECT * FROM jobs FOR UPDATE")
        cancelling = asyncio.create_task(gateway.http.post(f"/v1/videos/{video['id']}/cancel"))
        await eventually(lambda: waiting_for_locks(pool, 1))
        await terminate_waiting(pool)
        response = await cancelling
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert response.json()["error"]["code"] == "database_unavailable"
    again = await gateway.http.post(f"/v1/videos/{video['id']}/cancel")
    assert again.json()["status"] == "cancelled"


IMAGE_URL = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"


@pytest.mark.parametrize("path", ["/v1/videos", "/v1/videos/estimate", "/v1/audio/jobs"])
@pytest.mark.parametrize("wrong", [{"voice": "nobody"}, {"speed": "9"}, {"unknown": "x"}, {}])
async def test_a_refused_form_leaves_no_asset(shared_gateway: Gateway, path: str, wrong: dict[str, str]):
    before = await assets_of(shared_gateway)
    name, file = ("audio", ("me.wav", READER.read_bytes(), "audio/wav"))
    if path.startswith("/v1/videos"):
        name, file = ("image", ("me.png", picture(), "image/png"))
    # Without anything wrong in it the video lacks a script, or the audio has two.
    data = {"script": "Hello."} if wrong or name == "audio" else {}
    response = await shared_gateway.http.post(path, data=data | wrong, files={name: file})
    assert response.status_code == 422, response.text
    assert await assets_of(shared_gateway) == before


async def test_a_refused_data_url_leaves_no_asset(shared_gateway: Gateway):
    before = await assets_of(shared_gateway)
    body = {"script": "Hi.", "voice": "nobody", "input_reference": {"image_url": IMAGE_URL}}
    response = await shared_gateway.http.post("/v1/videos", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "voice_unknown")
    assert await assets_of(shared_gateway) == before


async def test_the_file_of_a_refused_form_leaves_the_store(gateway: Gateway):
    files = {"image": ("me.png", picture(colour="teal"), "image/png")}
    await gateway.http.post("/v1/videos", data={"script": "Hi.", "voice": "nobody"}, files=files)
    discarded = await gateway.components.pool.fetchval("SELECT count(*) FROM garbage")
    assert discarded == 1


async def assets_of(gateway: Gateway) -> list[str]:
    listed = await gateway.http.get("/v1/assets", params={"limit": 100})
    return [each["id"] for each in listed.json()["data"]]
