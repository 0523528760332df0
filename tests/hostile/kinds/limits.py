"""What every answer says of itself and of its client's limits, whoever asks and whatever for."""

import functools
from collections.abc import Mapping

import httpx2

from tests.hostile.attack import Attack, Target

KIND = "limits"
PATHS = (
    "GET /v1/videos",
    "GET /v1/jobs",
    "GET /v1/audio/jobs",
    "GET /v1/batches",
    "GET /v1/voices",
    "GET /v2/voices",
    "GET /v1/models",
    "GET /v1/engines",
    "GET /v1/effects",
    "GET /v1/lexicon",
    "GET /v1/avatars",
    "GET /v1/assets",
    "GET /v1/dead-letters",
    "GET /v1/videos/video_unknown",
    "GET /v1/videos/video_unknown/events",
    "GET /v1/videos/video_unknown/content",
    "POST /v1/videos",
    "POST /v1/audio/speech",
    "POST /v1/assets",
    "PUT /v1/videos",
    "TRACE /v1/videos",
    "OPTIONS /v1/videos",
    "HEAD /v1/videos",
    "GET /v1/nothing",
    "GET /nothing",
    "GET /docs",
)
SECURITY: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}
FORGED: tuple[Mapping[str, str], ...] = (
    {"x-forwarded-for": "10.1.2.3"},
    {"x-forwarded-for": "1.1.1.1, 2.2.2.2", "x-forwarded-proto": "https"},
    {"forwarded": "for=10.1.2.3;proto=https"},
    {"x-real-ip": "10.1.2.3"},
)


def check_headers(response: httpx2.Response) -> None:
    headers = response.headers
    for name, value in SECURITY.items():
        assert headers.get(name) == value, (name, headers.get(name))
    assert "content-security-policy" in headers
    assert "server" not in headers
    limit, remaining, reset = (int(headers[f"ratelimit-{each}"]) for each in ("limit", "remaining", "reset"))
    assert 0 <= remaining <= limit
    assert 0 <= reset <= 60
    if response.status_code == 429:
        assert int(headers["retry-after"]) >= 1


async def ask(request: str, target: Target) -> None:
    """Sends the request with a key, without, and with a made-up one."""
    method, _, path = request.partition(" ")
    check_headers(await target.http.request(method, path))
    check_headers(await target.anonymous.request(method, path))
    made_up = {"authorization": "Bearer made-up"}
    check_headers(await target.anonymous.request(method, path, headers=made_up))


async def make_keys_up(target: Target) -> None:
    """Tries 200 keys; the own key's allowance is not theirs."""
    for number in range(200):
        response = await target.anonymous.get("/v1/videos", headers={"xi-api-key": f"made-up-{number}"})
        assert response.status_code in (401, 429)
    assert (await target.http.get("/v1/videos")).status_code == 200


async def forge_address(headers: Mapping[str, str], target: Target) -> None:
    """Claims another address and a secure connection: only a trusted proxy may."""
    response = await target.anonymous.get("/v1/videos", headers=dict(headers))
    assert response.status_code == 401
    assert "strict-transport-security" not in response.headers


async def ask_from_another_page(target: Target) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    response = await target.anonymous.options("/v1/videos", headers=headers)
    assert "access-control-allow-origin" not in response.headers
    check_headers(response)


ATTACKS = (
    *(Attack(KIND, request, functools.partial(ask, request)) for request in PATHS),
    *(Attack(KIND, f"forged {' '.join(each)}", functools.partial(forge_address, each)) for each in FORGED),
    Attack(KIND, "made-up keys", make_keys_up),
    Attack(KIND, "another page", ask_from_another_page),
)
