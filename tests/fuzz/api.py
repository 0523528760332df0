"""Requests to a running stack, of every kind that takes text, structure or files.

No answer is a server error, each comes in time, and no event loop of the gateway is held.
"""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any
from urllib.parse import quote

import httpx2

from tests.fuzz.mutation import mutated
from tests.fuzz.recordings import recordings
from tests.fuzz.target import Case, Finding, FuzzTarget, Run, Setting, parts_of
from tests.fuzz.text import odd_ipa, odd_ssml, odd_text
from tests.hostile.loop_lag import times_held

ANSWER_SECONDS = 40.0
"""Time that an answer may take on a machine that all the targets keep busy."""
PATIENCE_SECONDS = 90.0
LOOK_EVERY = 20
"""Number of requests after which the loop's lag is looked at."""
MAX_JOBS = 5
"""Jobs that are under way at most; the oldest is deleted."""
ODD_VALUES: Sequence[Any] = (
    *(None, True, False, 0, -1, 1, 0.0, -0.0, 1e308, -1e308, 1e-320, 2**31, 2**63, -(2**63), 10**400),
    *("", " ", "0", "null", "a" * 300, "\x00", "\ud800", "🙂" * 50, "../x", "{}", "[]", "NaN", "-1"),
    *([], {}, [[]], [None], {"": None}, [[[[[[[[]]]]]]]], ["a"] * 1000, {"a": {"a": {"a": {"a": {}}}}}),
)
SCENE: Mapping[str, Any] = {
    "script": "Hello.",
    "voice": "en-us",
    "speed": 1,
    "pitch_semitones": 0,
    "ssml": False,
    "emotion": "happy",
    "effects": ["radio", {"effect": "pitch", "amounts": {"semitones": 2}}],
    "conversion": {"pitch_semitones": 1, "formant_scale": 1.1, "strength": 0.5},
}
JOB: Mapping[str, Any] = {
    **SCENE,
    "title": "a",
    "metadata": {"a": "b"},
    "priority": "batch",
    "no_cache": False,
}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "/v1/audio/jobs/estimate": {**JOB, "output": {"format": "mp3", "gap_seconds": 0.1}},
    "/v1/videos/estimate": {
        **JOB,
        "image": "asset_0",
        "avatar": None,
        "prompt": "zoom in",
        "seconds": 2,
        "size": "640x360",
        "output": {"fps": 25, "fit": "pad", "background": "blur", "format": "mp4", "seed": 1},
        "scenes": [{**SCENE, "prompt": "nod"}, {"audio": "asset_0", "transcript": "a", "language": "en"}],
    },
    "/v1/audio/jobs": JOB,
    "/v1/videos": {**JOB, "image": "asset_0", "scenes": [SCENE]},
    "/v1/audio/speech": {"input": "Hello.", "voice": "en-us", "speed": 1, "response_format": "wav"},
    "/v1/text-to-speech/en-us": {"text": "Hello.", "voice_settings": {"speed": 1}},
    "/v1/effects": {"name": "a", "description": "b", "steps": ["radio", {"effect": "reverb", "amounts": {}}]},
    "/v1/avatars": {"name": "a", "image": "asset_0", "landmarks": {"left_eye": [1, 2]}},
    "/v1/assets/uploads": {"filename": "a", "media_type": "image/png", "bytes": 10},
}


def make_request(random: Random) -> Case:
    path = random.choice(list(BODIES))
    return {"method": "POST", "path": path, "json": changed(random, BODIES[path])}


def changed(random: Random, body: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the body with some of its fields, and one to three odd ones."""
    kept = {name: value for name, value in body.items() if random.random() < 0.7}
    for _ in range(random.choice((1, 1, 2, 3))):
        put_odd(random, kept, body)
    return kept


def put_odd(random: Random, kept: dict[str, Any], body: Mapping[str, Any]) -> None:
    name = random.choice([*body, "unknown", odd_text(random)[:50]])
    inner = body.get(name)
    if isinstance(inner, dict) and random.random() < 0.7:
        kept[name] = changed(random, inner)  # pyright: ignore[reportUnknownArgumentType] - JSON
    elif isinstance(inner, list) and random.random() < 0.5:
        kept[name] = [odd_value(random) for _ in range(random.choice((1, 2, 30)))]
    else:
        kept[name] = odd_value(random)


def odd_value(random: Random) -> Any:
    makers: Sequence[Callable[[Random], Any]] = (odd_text, odd_ssml, odd_ipa)
    return random.choice(ODD_VALUES) if random.random() < 0.6 else random.choice(makers)(random)


def make_speech_request(random: Random) -> Case:
    text, ssml = (odd_ssml(random), True) if random.random() < 0.5 else (odd_text(random), False)
    body = {"input": text[:1500], "ssml": ssml, "voice": random.choice(("en-us", "de", "cmn"))}
    return {"method": "POST", "path": "/v1/audio/speech", "json": body | {"response_format": "wav"}}


def make_lexicon_request(random: Random) -> Case:
    word = odd_text(random)[: random.choice((1, 5, 99, 101, 2000))] or "a"
    said = {"ipa": odd_ipa(random)} if random.random() < 0.5 else {"respelling": odd_text(random)[:300]}
    method = random.choice(("PUT", "PUT", "PUT", "DELETE", "GET", "POST"))
    if method == "POST":
        body = {"script": odd_text(random)}
        return {"method": method, "path": "/v1/audio/jobs/estimate", "json": body}
    return {"method": method, "path": "/v1/lexicon/", "word": word, "json": said}


def make_upload(random: Random) -> Case:
    content = mutated(random, list(recordings().values()))
    name = odd_text(random)[: random.choice((1, 20, 300))] or "a"
    path, field = random.choice(
        (
            ("/v1/assets", "file"),
            ("/v1/assets", "file"),
            ("/v1/assets", odd_text(random)[:10] or "x"),
            ("/v1/videos/estimate", "image"),
            ("/v1/audio/jobs/estimate", "audio"),
            ("/v1/speech-to-speech/en-us", "audio"),
        )
    )
    return {"method": "POST", "path": path, "file": content, "name": name, "field": field}


def make_batch(random: Random) -> Case:
    lines: list[dict[str, Any]] = [
        {
            "custom_id": odd_value(random),
            "url": random.choice(("/v1/videos", "/v1/audio/jobs", odd_value(random))),
            "body": {**changed(random, JOB), "image": "asset_unknown"},
        }
        for _ in range(random.choice((1, 3, 50)))
    ]
    return {"method": "POST", "path": "/v1/batches", "lines": lines, "tail": odd_text(random)[:100]}


@contextmanager
def asking(setting: Setting) -> Generator[Run]:
    headers = {"Authorization": f"Bearer {setting.key}"}
    with httpx2.Client(
        base_url=setting.url, headers=headers, timeout=PATIENCE_SECONDS, trust_env=False
    ) as http:
        yield Client(http)


class Client:
    """Sends requests, and deletes what they have made."""

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http
        self._made: list[str] = []
        self._sent = 0
        self._held = self._times_held()

    def __call__(self, case: Case) -> None:
        request = request_of(self._http, parts_of(case))
        if request is None:
            return
        try:
            response = self._http.send(request)
        except httpx2.TimeoutException as exc:
            raise Finding(f"no answer of {parts_of(case)['path']} within {PATIENCE_SECONDS:g} s") from exc
        if response.status_code >= 500:
            raise Finding(f"{response.status_code} {parts_of(case)['path']}: {response.text[:500]}")
        self._clean_up(response)
        self._sent += 1
        if self._sent % LOOK_EVERY == 0:
            self._look_at_loop()

    def _clean_up(self, response: httpx2.Response) -> None:
        """Deletes the oldest of what was made, so that workers and store go on."""
        if response.status_code in (200, 201) and response.headers["content-type"] == "application/json":
            found = response.json()
            if isinstance(found, dict) and (url := own_url(found)):  # pyright: ignore[reportUnknownArgumentType] - JSON
                self._made.append(url)
        while len(self._made) > MAX_JOBS:
            self._http.delete(self._made.pop(0))

    def _look_at_loop(self) -> None:
        """Raises Finding if the gateway's loop was held since the last time."""
        before, self._held = self._held, self._times_held()
        if self._held > before:
            raise Finding(f"The loop was held by one of the last {LOOK_EVERY} requests, of any client.")

    def _times_held(self) -> int:
        return times_held(self._http.get("/metrics").text)


def own_url(made: dict[str, Any]) -> str | None:
    """Returns the path at which what was made can be deleted; `None` for anything else."""
    identity = made.get("id") or ""
    match made.get("object"):
        case "video" | "audio":
            return f"/v1/jobs/{identity}"
        case "asset":
            return f"/v1/assets/{identity}"
        case "avatar":
            return f"/v1/avatars/{identity}"
        case "effect":
            return f"/v1/effects/{made['name']}"
        case _:
            return None


def request_of(http: httpx2.Client, parts: dict[str, Any]) -> httpx2.Request | None:
    """Builds the request; `None` for one that the client itself cannot put into bytes."""
    path = parts["path"]
    try:
        if "file" in parts:
            files = {parts["field"]: (parts["name"], parts["file"])}
            return http.build_request("POST", path, files=files, data={"script": "a"})
        if "lines" in parts:
            content = "\n".join(map(json.dumps, parts["lines"])) + parts["tail"]
            headers = {"Content-Type": "application/jsonl"}
            return http.build_request("POST", path, content=encoded(content), headers=headers)
        if "word" in parts:
            path += quote(parts["word"], safe="")
        headers = {"Content-Type": "application/json"}
        return http.build_request(
            parts["method"], path, content=encoded(json.dumps(parts["json"])), headers=headers
        )
    except (UnicodeError, httpx2.InvalidURL):
        return None


def encoded(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


TARGETS = tuple(
    FuzzTarget(name, make, asking, seconds=ANSWER_SECONDS, through_api=True)
    for name, make in (
        ("api-jobs", make_request),
        ("api-speech", make_speech_request),
        ("api-lexicon", make_lexicon_request),
        ("api-uploads", make_upload),
        ("api-batches", make_batch),
    )
)
