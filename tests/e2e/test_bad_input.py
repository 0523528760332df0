"""Invalid requests are refused before any work, with their own code and a message that says what to do."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from services.gateway.http.errors import ErrorObject
from tests.e2e.api import Api
from tests.examples import CAT, CAT_POINTS, PORTRAIT, READER

OVER_THE_UPLOAD_LIMIT = 200 * 1024 * 1024 + 1


def png(width: int, height: int) -> bytes:
    """Returns a PNG with a valid head of any size; the gateway should not read further."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def truncated_portrait() -> bytes:
    return PORTRAIT.read_bytes()[:20_000]


def scenery() -> bytes:
    """Returns a smooth gradient with a horizon: a picture without a face."""
    rows = np.linspace(40, 220, 480, dtype=np.uint8)[:, None].repeat(640, axis=1)
    picture = np.stack([rows // 2, rows, 255 - rows], axis=2)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "status", "code", "hint"),
    [
        ("corrupt.jpg", truncated_portrait, 422, "image_corrupt", "again"),
        ("huge.png", lambda: png(10_000, 10_000), 413, "image_too_large", "pixels"),
        ("speech.wav", lambda: b"this is no audio at all " * 50, 415, "unsupported_media_type", "WAV"),
        ("empty.png", lambda: b"", 400, "file_empty", "Send"),
        ("big.wav", lambda: b"RIFF" + bytes(OVER_THE_UPLOAD_LIMIT), 413, "file_too_large", "MiB"),
        (
            "script.svg",
            lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            415,
            "unsupported_media_type",
            "JPEG",
        ),
    ],
)
def test_an_upload_that_cannot_be_used(
    http: httpx2.Client, name: str, content: Callable[[], bytes], status: int, code: str, hint: str
):
    response = http.post("/v1/assets", files={"file": (name, content())})
    check(response, status, code, hint)


def test_audio_that_breaks_off_in_its_head(http: httpx2.Client):
    wav = READER.read_bytes()[:30]
    response = http.post("/v1/assets", files={"file": ("reader.wav", wav)})
    assert response.status_code in (415, 422)
    assert response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "code", "param", "hint"),
    [
        ({"script": ""}, "script_empty", "script", "Write"),
        ({"script": " \n\t"}, "script_empty", "script", "Write"),
        ({"script": None}, "script_missing", "script", "Give a script"),
        ({"script": "x" * 50_001}, "script_too_long", "script", "50000"),
        ({"voice": "en-uss"}, "voice_unknown", "voice", "Did you mean en-us"),
        ({"model": "sora-2"}, "engine_unknown", "model", "puppet"),
        ({"image": "asset_unknown"}, "asset_not_found", "image", "Upload"),
        ({"image": None}, "image_missing", "image", "Upload"),
        ({"size": "511x512"}, "invalid_request", "size", "even"),
        ({"size": "9000x9000"}, "invalid_request", "size", "2160"),
        ({"audio": "asset_unknown", "script": None}, "asset_not_found", "audio", "Upload"),
        ({"output": {"fps": 1000}}, "invalid_request", "output.fps", "60"),
        ({"voice": "en-us", "speed": 0.3}, "speed_unsupported", "speed", "0.46"),
        ({"pitch_semitones": 13}, "pitch_unsupported", "pitch_semitones", "conversion"),
        ({"lips": "big"}, "invalid_request", "lips", "no such field"),
        ({"conversion": {"engine": "xtts"}}, "engine_unknown", "conversion.engine", "world"),
        ({"scenes": []}, "invalid_request", "scenes", "at least 1"),
    ],
)
def test_a_video_that_cannot_be_made(
    http: httpx2.Client, portrait: str, changes: dict[str, Any], code: str, param: str, hint: str
):
    request = {"script": "Hello.", "image": portrait, "size": "256x256"} | changes
    response = http.post(
        "/v1/videos", json={name: value for name, value in request.items() if value is not None}
    )
    assert check(response, 422, code, hint)["param"] == param


def test_a_picture_with_no_face(api: Api):
    image = api.http.post("/v1/assets", files={"file": ("scenery.png", scenery())}).json()["id"]
    for path, body in (("/v1/videos", {"script": "Hello."}), ("/v1/avatars", {"name": "Faceless"})):
        response = api.http.post(path, json={"image": image, **body})
        assert check(response, 422, "face_not_found", "landmarks")["param"] == "image"


def test_landmarks_that_make_no_face(api: Api, portrait: str):
    points = dict.fromkeys(
        ("left_eye", "right_eye", "mouth_left", "mouth_right", "upper_lip", "lower_lip", "chin"), (1, 1)
    )
    request = {"script": "Hello.", "avatar": {"image": portrait, "landmarks": points}}
    check(api.http.post("/v1/videos", json=request), 422, "invalid_argument", "eyes")


def test_an_overlay_of_what_cannot_be_cut_out(api: Api):
    """A cat with landmarks can speak, but the segmentation finds no person to cut out."""
    avatar = {"image": api.upload(CAT), "landmarks": CAT_POINTS}
    request = {"script": "Meow.", "avatar": avatar, "size": "256x256", "output": {"format": "vp9-alpha"}}
    response = api.http.post("/v1/videos", json=request)
    assert check(response, 422, "invalid_argument", "transparent")["param"] == "avatar"


def test_an_image_in_the_place_of_a_recording(api: Api, portrait: str):
    response = api.http.post("/v1/videos", json={"audio": portrait, "image": portrait})
    check(response, 422, "asset_wrong_kind", "audio")


@pytest.mark.parametrize(
    ("headers", "code"), [({}, "missing_api_key"), ({"Authorization": "Bearer wrong"}, "invalid_api_key")]
)
@pytest.mark.parametrize(
    "path", ["/v1/videos", "/v1/engines", "/v1/assets/asset_1", "/v1/videos/video_1/events"]
)
def test_no_key_or_a_wrong_one(stack_url: str, path: str, headers: dict[str, str], code: str):
    response = httpx2.get(f"{stack_url}{path}", headers=headers)
    check(response, 401, code, "key")
    assert response.headers["www-authenticate"] == "Bearer"


def test_json_that_is_none(http: httpx2.Client):
    response = http.post("/v1/videos", content=b"{", headers={"content-type": "application/json"})
    check(response, 400, "invalid_json", "JSON")


def test_another_content_type(http: httpx2.Client):
    response = http.post("/v1/videos", content=b"hello", headers={"content-type": "text/plain"})
    check(response, 415, "unsupported_content_type", "application/json")


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"input": ""}, "invalid_request", "input"),
        ({"input": "x" * 50_001}, "input_too_long", "input"),
        ({"voice": "nobody"}, "voice_unknown", "voice"),
        ({"model": "sora-2"}, "engine_unknown", "model"),
        ({"response_format": "midi"}, "invalid_request", "response_format"),
        ({"speed": 9}, "invalid_request", "speed"),
        ({"speed": 0.3}, "speed_unsupported", "speed"),
        ({"input": "..."}, "script_invalid", "input"),
    ],
)
def test_speech_that_cannot_be_made(
    http: httpx2.Client, changes: dict[str, Any], code: str, param: str | None
):
    response = http.post("/v1/audio/speech", json={"input": "Hello.", "voice": "en-us"} | changes)
    assert check(response, 422, code, "")["param"] == param


def check(response: httpx2.Response, status: int, code: str, hint: str) -> dict[str, Any]:
    """Checks that the response is a complete refusal. Returns its error."""
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code), response.text
    assert hint.lower() in error["message"].lower()
    assert error["request_id"] == response.headers["x-request-id"]
    assert error["trace_id"] == response.headers["x-trace-id"]
    assert set(error) == set(ErrorObject.model_fields)
    return error
