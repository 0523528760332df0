"""Requests that cost far more to handle than to send: none of them holds the event loop for long.

The runner reads from `/metrics` whether one did.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from tests.hostile.attack import Attack, Target
from tests.hostile.bodies import JSON, JSON_LINES, MEBIBYTE, form, line, listed, unknown_keys

KIND = "loop"
ACCENTS = "\u0316\u0301"
Request = tuple[str, str, bytes, Mapping[str, str], tuple[int, ...]]
"""Method, path, body, headers, and the statuses that it deserves."""


def job(body: object, *statuses: int, path: str = "/v1/audio/jobs/estimate") -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return "POST", path, data, JSON, statuses


def batch(lines: Sequence[str], *statuses: int) -> Request:
    return "POST", "/v1/batches", "\n".join(lines).encode(), JSON_LINES, statuses


def scenes(script: str, count: int, **fields: object) -> dict[str, object]:
    return {"scenes": [{"script": script, **fields}] * count}


def raw(text: str) -> bytes:
    return text.encode()


REQUESTS: Mapping[str, Callable[[], Request]] = {
    "200,000 keys": lambda: job(unknown_keys(200_000), 422),
    "as many keys as may be": lambda: job(unknown_keys(19_000), 422),
    "200,000 keys of metadata": lambda: job({"script": "a", "metadata": unknown_keys(200_000)}, 422),
    "keys in every scene": lambda: job({"scenes": [unknown_keys(18)] * 1000}, 422),
    "a million lists": lambda: job(raw(f'{{"scenes":{listed("[]", 1_000_000)}}}'), 422),
    "a million objects": lambda: job(raw(f'{{"scenes":{listed("{}", 1_000_000)}}}'), 422),
    "as many lists as may be": lambda: job(raw(f'{{"scenes":{listed("[]", 9_000)}}}'), 422),
    "a voice of 8 MiB": lambda: job({"script": "a", "voice": "a" * 8 * MEBIBYTE}, 422),
    "a voice of 20 MiB": lambda: job({"script": "a", "voice": "a" * 20 * MEBIBYTE}, 413),
    "an effect of 8 MiB": lambda: job({"script": "a", "effects": ["a" * 8 * MEBIBYTE]}, 422),
    "an asset of 8 MiB": lambda: job({"audio": "a" * 8 * MEBIBYTE}, 422),
    "an engine of 8 MiB": lambda: job({"script": "a", "conversion": {"engine": "e" * 8 * MEBIBYTE}}, 422),
    "a script of 8 MiB": lambda: job({"script": "a" * 8 * MEBIBYTE}, 422),
    "8 MiB of escapes": lambda: job(raw(f'{{"script":"{chr(92)}n{(chr(92) + "n") * 4 * MEBIBYTE}"}}'), 422),
    "8 MiB of quotation marks": lambda: job({"script": '"' * 4 * MEBIBYTE}, 422),
    "8 MiB of commas": lambda: job({"script": "," * 8 * MEBIBYTE}, 422),
    "voices that are nearly right": lambda: job(
        {"scenes": [{"script": "a", "voice": "en-uss" * 16}] * 100}, 422
    ),
    "voices that differ": lambda: job(
        {"scenes": [{"script": "a", "voice": f"en-{number:x}"} for number in range(100)]}, 422
    ),
    "accents": lambda: job({"script": f"a{ACCENTS * 24_000}", "voice": "nobody"}, 422),
    "scenes of accents": lambda: job(scenes(f"a{ACCENTS * 24_000}", 20, voice="nobody"), 422),
    "scenes of accents beyond the limit": lambda: job(scenes(f"a{ACCENTS * 24_000}", 40), 422),
    "scenes as long as may be": lambda: job(scenes("Well, this is it. " * 2700, 20, voice="nobody"), 422),
    "scenes longer than may be": lambda: job(scenes("word " * 9_000, 30), 422),
    "scenes of Chinese": lambda: job(scenes("京" * 49_000, 20, voice="nobody"), 422),
    "1000 scenes": lambda: job(scenes("a", 1000), 422),
    "a line of unknown keys": lambda: batch([line(unknown_keys(300_000))], 422),
    "200 lines of unknown keys": lambda: batch([line(unknown_keys(190), f"{n}") for n in range(200)], 422),
    "a line of lists": lambda: batch([f'{{"custom_id":"a","body":{listed("[]", 1_000_000)}}}'], 422),
    "30 MiB of empty lines": lambda: ("POST", "/v1/batches", b"\n" * 30 * MEBIBYTE, JSON_LINES, (422,)),
    "30 MiB of spaces": lambda: ("POST", "/v1/batches", b" " * 30 * MEBIBYTE, JSON_LINES, (422,)),
    "30 MiB of tiny lines": lambda: ("POST", "/v1/batches", b"1\n" * 15 * MEBIBYTE, JSON_LINES, (422,)),
    "1000 lines that are no objects": lambda: batch(["1"] * 1000, 422),
    "100 lines with one id": lambda: batch([line({"script": "a"}, "a" * 200)] * 100, 422),
    "100 long ids": lambda: batch([line({"script": "a"}, "a" * 100_000)] * 100, 422),
    "lines of wrong scenes": lambda: batch(
        [line(scenes("a", 100, voice="nobody"), f"{n}") for n in range(20)], 422
    ),
    "more scenes than a batch may have": lambda: batch(
        [line(scenes("a", 100), f"{n}") for n in range(60)], 422
    ),
    "amounts of an effect": lambda: job(
        {"name": "a", "steps": [{"effect": "x", "amounts": unknown_keys(100_000)}]}, 422, path="/v1/effects"
    ),
    "landmarks of an avatar": lambda: job(
        {"name": "a", "image": "b", "landmarks": unknown_keys(19_000)}, 422, path="/v1/avatars"
    ),
    "keys of an avatar": lambda: job(unknown_keys(19_900), 422, path="/v1/avatars"),
    "as many keys of an avatar as may be": lambda: job(unknown_keys(1_900), 422, path="/v1/avatars"),
    **{
        f"keys of an avatar in {encoding}": lambda encoding=encoding: job(
            json.dumps({"\u2200": "", **unknown_keys(20_000)}, ensure_ascii=False).encode(encoding),
            400,
            path="/v1/avatars",
        )
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le")
    },
    "keys of speech": lambda: job(unknown_keys(150_000), 422, path="/v1/audio/speech"),
    "effects of speech": lambda: job(
        raw(f'{{"input":"a","effects":{listed("[]", 600_000)}}}'), 422, path="/v1/audio/speech"
    ),
    **{
        f"texts without commas: {text}": lambda text=text: job(
            raw(f'["{"," * 20_001}"' + text * (2 * MEBIBYTE // len(text) - 20_100)),
            422,
            path="/v1/audio/speech",
        )
        for text in ('""', ':""')
    },
    "16 MiB of texts without commas": lambda: job(
        raw(f'["{"," * 20_001}"' + '""' * (8 * MEBIBYTE - 20_100)), 422
    ),
    "keys of an upload": lambda: job(unknown_keys(300_000), 413, path="/v1/assets/uploads"),
    "an image URL of 8 MiB": lambda: job(
        {"script": "a", "input_reference": {"image_url": "data:image/png;base64," + "A" * 8 * MEBIBYTE}},
        400,
        413,
        415,
        422,
        path="/v1/videos/estimate",
    ),
    "JSON in a file of a form": lambda: (
        "POST",
        "/v1/audio/jobs",
        *form([('name="scenes"; filename="a"\r\nContent-Type: application/json', b"[" + b"[]," * 1_000_000)]),
        (422,),
    ),
    "punycode": lambda: (
        "POST",
        "/v1/audio/jobs",
        *form([('name="script"', b"a" * 300_000 + b"-" + b"b" * 700_000)], "; charset=punycode"),
        (415,),
    ),
    "settings of speech to speech": lambda: (
        "POST",
        "/v1/speech-to-speech/en-us",
        *form([('name="audio"; filename="a"', b"a"), ('name="voice_settings"', b"[" + b"[]," * 340_000)]),
        (422,),
    ),
    "a word of accents": lambda: (
        "GET",
        f"/v1/lexicon?after={quote('a' + ACCENTS * 1_500)}",
        b"",
        {},
        (200, 414, 431),
    ),
    "thousands of parameters": lambda: (
        "GET",
        "/v1/jobs?" + "&".join(["a=1"] * 5_000),
        b"",
        {},
        (200, 414, 431),
    ),
    "thousands of filters": lambda: (
        "GET",
        "/v1/jobs?" + "&".join(f"metadata[{number}]=1" for number in range(1_000)),
        b"",
        {},
        (200, 414, 422, 431),
    ),
}


async def send(target: Target, request: Request) -> None:
    method, path, data, headers, statuses = request
    response = await target.http.request(method, path, content=data, headers=headers)
    assert response.status_code in statuses, (response.status_code, response.text[:300])
    if response.status_code >= 400:
        assert len(response.content) < 50_000, f"the answer has {len(response.content)} bytes"


async def search_for_prefixes(target: Target) -> None:
    """Stores words that are prefixes of each other, and has scripts of nothing else searched for them."""
    for letter, count in (("a", 20), ("京", 10)):
        for length in range(1, count):
            word = quote(letter * length)
            response = await target.http.put(f"/v1/lexicon/{word}", json={"respelling": "x"})
            assert response.status_code == 200, response.text[:300]
    for script in ("a" * 50_000, "a " * 25_000, "京" * 49_000):
        await send(target, job(scenes(script, 4), 200))
    for letter, count in (("a", 20), ("京", 10)):
        for length in range(1, count):
            await target.http.delete(f"/v1/lexicon/{quote(letter * length)}")


def sending(name: str, build: Callable[[], Request]) -> Attack:
    return Attack(KIND, name, lambda target: send(target, build()))


ATTACKS: Sequence[Attack] = (
    *(sending(name, build) for name, build in REQUESTS.items()),
    Attack(KIND, "words that are prefixes", search_for_prefixes),
)
