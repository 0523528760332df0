"""No answer repeats more of a text than a hundred characters."""

import json
from typing import Any

import pytest

from services.chassis.text.quoted import MAX_CHARACTERS
from tests.integration.gateway.gateway import Gateway

LONG = "x" * 5000
JSON_LINES = {"content-type": "application/jsonl"}
LINES: list[dict[str, Any]] = [
    {"custom_id": LONG, "body": {}},
    {"custom_id": "a", "url": LONG, "body": {}},
    {"custom_id": "b", LONG: 1, "body": {LONG: 1, "size": LONG}},
]
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", f"/v1/videos/{LONG}", {}),
    ("GET", f"/v1/lexicon/{LONG[:100]}", {}),
    ("GET", f"/v1/effects/{LONG}", {}),
    ("GET", f"/v1/videos?metadata[{LONG}", {}),
    ("GET", f"/v1/videos?order={LONG}", {}),
    ("POST", f"/v1/text-to-speech/{LONG}", {"json": {"text": "a"}}),
    ("POST", f"/v1/text-to-speech/en-us?output_format={LONG}", {"json": {"text": "a"}}),
    ("POST", "/v1/audio/speech", {"json": {"input": "a", "model": LONG}}),
    ("POST", "/v1/avatars", {"json": {"name": "a", "image": LONG}}),
    ("POST", "/v1/effects", {"json": {"name": "a", "steps": [{"effect": LONG}]}}),
    ("POST", "/v1/effects", {"json": {"name": "a", "steps": [{"effect": "echo", "amounts": {LONG: 1}}]}}),
    ("POST", "/v1/videos", {"files": {LONG[:500]: b"a"}}),
    ("POST", "/v1/videos", {"json": {"metadata": {LONG: "a"}, "output": {"background": f"#{LONG}"}}}),
    *(
        ("POST", "/v1/videos", {"json": {"script": "a", "image": LONG, **wrong}})
        for wrong in (
            {"voice": LONG, "model": LONG},
            {"effects": [LONG], "conversion": {"engine": LONG}},
            {"output": {"background": LONG}, "conversion": {"reference": LONG}},
        )
    ),
    ("POST", "/v1/batches", {"content": "\n".join(map(json.dumps, LINES)), "headers": JSON_LINES}),
]


@pytest.mark.parametrize(("method", "path", "request_of"), REFUSED, ids=range(len(REFUSED)))
async def test_a_long_text_is_cut_in_the_refusal(
    shared_gateway: Gateway, method: str, path: str, request_of: dict[str, Any]
):
    response = await shared_gateway.http.request(method, path, **request_of)
    assert response.status_code in (404, 422), response.text
    assert LONG[: MAX_CHARACTERS + 1] not in response.text
