"""Addresses of files and servers where an id, a text or a file is wanted: nothing is read or called."""

import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx2

from tests.examples import PORTRAIT
from tests.hostile.attack import MARKER, Attack, Target
from tests.hostile.canary import Canary, canary

KIND = "file_inclusion"

FIELDS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "image": ("/v1/videos", {"script": "Hi.", "image": "{}"}),
    "avatar": ("/v1/videos", {"script": "Hi.", "avatar": "{}"}),
    "avatar's image": ("/v1/videos", {"script": "Hi.", "avatar": {"image": "{}"}}),
    "file_id": ("/v1/videos", {"script": "Hi.", "input_reference": {"file_id": "{}"}}),
    "image_url": ("/v1/videos", {"script": "Hi.", "input_reference": {"image_url": "{}"}}),
    "image of a scene": ("/v1/videos", {"scenes": [{"script": "Hi.", "image": "{}"}]}),
    "audio of a video": ("/v1/videos", {"audio": "{}", "image": "{}"}),
    "model": ("/v1/videos", {"script": "Hi.", "image": "{}", "model": "{}"}),
    "size": ("/v1/videos", {"script": "Hi.", "image": "{}", "size": "{}"}),
    "background": ("/v1/videos", {"script": "Hi.", "image": "{}", "output": {"background": "{}"}}),
    "format": ("/v1/videos", {"script": "Hi.", "image": "{}", "output": {"format": "{}"}}),
    "estimate": ("/v1/videos/estimate", {"script": "Hi.", "image": "{}"}),
    "audio": ("/v1/audio/jobs", {"audio": "{}"}),
    "voice": ("/v1/audio/jobs", {"script": "Hi.", "voice": "{}"}),
    "reference": ("/v1/audio/jobs", {"script": "Hi.", "conversion": {"reference": "{}"}}),
    "effects": ("/v1/audio/jobs", {"script": "Hi.", "effects": ["{}"]}),
    "step": ("/v1/audio/jobs", {"script": "Hi.", "effects": [{"effect": "{}"}]}),
    "unknown field": ("/v1/audio/jobs", {"script": "Hi.", "webhook_url": "{}", "script_url": "{}"}),
    "avatar to be kept": ("/v1/avatars", {"name": "{}", "image": "{}"}),
    "effect to be kept": ("/v1/effects", {"name": "{}", "steps": ["{}"]}),
    "voice of speech": ("/v1/audio/speech", {"input": "Hi.", "voice": "{}"}),
    "model of speech": ("/v1/audio/speech", {"input": "Hi.", "model": "{}"}),
    "format of speech": ("/v1/audio/speech", {"input": "Hi.", "response_format": "{}"}),
}
"""Path and body by the field that is attacked: all are refused."""

TEXTS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "title": ("/v1/audio/jobs", {"script": "Hi.", "title": "{}"}),
    "metadata": ("/v1/audio/jobs", {"script": "Hi.", "metadata": {"callback": "{}"}}),
    "script": ("/v1/audio/jobs", {"script": "{}"}),
    "input": ("/v1/audio/speech", {"input": "{}", "instructions": "{}"}),
    "upload's name": ("/v1/assets/uploads", {"filename": "{}", "bytes": 10}),
    "upload's type": ("/v1/assets/uploads", {"filename": "a", "media_type": "{}", "bytes": 10}),
}
"""Fields that take any text: it stays a text."""

MARKUP = (
    '<speak><audio src="{}">Hi.</audio></speak>',
    '<speak><lexicon uri="{}"/>Hi.</speak>',
    '<speak xml:base="{}">Hi.</speak>',
    '<!DOCTYPE speak [<!ENTITY e SYSTEM "{}">]><speak>&e;</speak>',
    '<!DOCTYPE speak SYSTEM "{}"><speak>Hi.</speak>',
    '<!DOCTYPE speak [<!ENTITY % e SYSTEM "{}"> %e;]><speak>Hi.</speak>',
    '<?xml-stylesheet href="{}"?><speak>Hi.</speak>',
    '<speak xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{}" parse="text"/></speak>',
    "<speak><desc><![CDATA[{}]]></desc>Hi.</speak>",
    '<speak><mark name="{}"/>Hi.</speak>',
    '<speak><say-as interpret-as="{}">1</say-as></speak>',
    '<speak><voice name="{}">Hi.</voice></speak>',
)


def addresses(of: Canary) -> Iterator[str]:
    """Yields names of the file and of the server in the ways in which programs take them."""
    yield of.url
    yield str(of.file)
    yield f"file://{of.file}"
    yield f"../../../../../../../..{of.file}"
    yield f"@{of.file}"
    yield f"|cat {of.file}"
    yield f"concat:{of.file}"
    yield f"subfile,,start,0,end,9,,:{of.file}"
    yield f"crypto+file:{of.file}"
    yield f"tcp://127.0.0.1:{of.port}"
    yield f"ftp://127.0.0.1:{of.port}/a"
    yield f"http://localhost:{of.port}@127.0.0.1:{of.port}/a"
    yield f"http://2130706433:{of.port}/a"
    yield f"http://[::ffff:127.0.0.1]:{of.port}/a"
    yield f"s3://likeness/{of.file}"
    yield f"data:text/plain,{of.file}"
    yield "http://169.254.169.254/latest/meta-data/"
    yield "asset_../../../etc/passwd"


def few_addresses(of: Canary) -> Sequence[str]:
    return of.url, f"file://{of.file}"


def filled(body: dict[str, Any], address: str) -> str:
    return json.dumps(body).replace("{}", json.dumps(address)[1:-1])


async def post_json(http: httpx2.AsyncClient, path: str, content: str) -> httpx2.Response:
    return await http.post(path, content=content, headers={"Content-Type": "application/json"})


def attack_field(name: str, path: str, body: dict[str, Any]) -> Attack:
    async def run(target: Target) -> None:
        async with canary() as bird:
            for address in addresses(bird):
                response = await post_json(target.http, path, filled(body, address))
                assert 400 <= response.status_code < 500, f"{address}: {response.status_code}"
                bird.check(response.text)

    return Attack(KIND, name, run)


def attack_text(name: str, path: str, body: dict[str, Any]) -> Attack:
    async def run(target: Target) -> None:
        async with canary() as bird:
            jobs: list[str] = []
            for address in few_addresses(bird):
                response = await post_json(target.http, path, filled(body, address))
                assert response.status_code in (200, 201, 400, 422, 429), f"{address}: {response.status_code}"
                if response.status_code == 200 and path == "/v1/audio/jobs":
                    jobs.append(response.json()["id"])
            for job in jobs:
                await ended(target, job)
            bird.check("")

    return Attack(KIND, f"text in {name}", run)


async def ended(target: Target, job: str) -> None:
    """Waits for the end of a job, and deletes it."""
    async with target.http.stream("GET", f"/v1/jobs/{job}/events") as events:
        await events.aread()
    await target.http.delete(f"/v1/jobs/{job}")


def attack_markup(number: int, markup: str) -> Attack:
    """Builds the attack whose SSML names an address. It may be refused, or read without the address."""

    async def run(target: Target) -> None:
        async with canary() as bird:
            for address in few_addresses(bird):
                body = {"input": markup.replace("{}", address), "ssml": True, "response_format": "wav"}
                response = await target.http.post("/v1/audio/speech", json=body)
                assert response.status_code in (200, 400, 422, 429), response.status_code
                bird.check(response.text if response.status_code != 200 else "")

    return Attack(KIND, f"SSML {number}", run)


def svg(address: str) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">'
        f'<image href="{address}" width="64" height="64"/></svg>'
    ).encode()


def playlist(address: str) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n".encode()


def list_of_files(address: str) -> bytes:
    return f"ffconcat version 1.0\nfile '{address}'\nduration 1\n".encode()


def dash(address: str) -> bytes:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
        f'<AdaptationSet mimeType="video/mp4"><Representation id="1"><BaseURL>{address}</BaseURL>'
        "</Representation></AdaptationSet></Period></MPD>"
    ).encode()


def session_description(address: str) -> bytes:
    return f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns={address}\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n".encode()


def drawing_commands(address: str) -> bytes:
    return f"push graphic-context\nviewbox 0 0 64 64\nfill 'url({address})'\npop graphic-context\n".encode()


def postscript(address: str) -> bytes:
    return f"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n({address}) run\nshowpage\n".encode()


def page(address: str) -> bytes:
    return f'<html><img src="{address}"><script src="{address}"></script></html>'.encode()


def entity(address: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "{address}">]><a>&e;</a>'.encode()


def scripted(address: str) -> bytes:
    return f"import vapoursynth\nopen({address!r}).read()\n".encode()


def archive(address: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("../../../../tmp/likeness-hostile.txt", address)
    return out.getvalue()


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + kind + body


def movie_with_its_data_elsewhere(address: str) -> bytes:
    """Returns a QuickTime file whose data reference is an address."""
    reference = box(b"url ", bytes(4), address.encode() + b"\0")
    information = box(b"dinf", box(b"dref", bytes(4), struct.pack(">I", 1), reference))
    media = box(b"mdia", box(b"minf", information))
    return box(b"ftyp", b"qt  ", bytes(4), b"qt  ") + box(b"moov", box(b"trak", media)) + box(b"mdat")


def id3_with_link(address: str) -> bytes:
    """Returns an MP3 whose cover is a link."""
    cover = b"\0-->\0\x03\0" + address.encode()
    frame = b"APIC" + struct.pack(">I", len(cover)) + bytes(2) + cover
    size = len(frame)
    sizes = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + sizes + frame + (b"\xff\xfb\x90\x64" + bytes(413)) * 20


def picture_with_profile(address: str) -> bytes:
    """Returns the portrait with metadata that names an address."""
    packet = b"http://ns.adobe.com/xap/1.0/\0" + f'<x:xmpmeta><a href="{address}"/></x:xmpmeta>'.encode()
    segment = b"\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet
    return PORTRAIT.read_bytes()[:2] + segment + PORTRAIT.read_bytes()[2:]


FILES: Sequence[tuple[Callable[[str], bytes], str]] = (
    (svg, "a.svg"),
    (svg, "a.png"),
    (playlist, "a.m3u8"),
    (playlist, "a.mp4"),
    (playlist, "a.wav"),
    (list_of_files, "a.ffconcat"),
    (list_of_files, "a.mp3"),
    (dash, "a.mpd"),
    (dash, "a.mp4"),
    (session_description, "a.sdp"),
    (session_description, "a.ogg"),
    (drawing_commands, "a.mvg"),
    (drawing_commands, "a.jpg"),
    (postscript, "a.eps"),
    (postscript, "a.webp"),
    (page, "a.html"),
    (page, "a.jpg"),
    (entity, "a.xml"),
    (entity, "a.mov"),
    (scripted, "a.vpy"),
    (archive, "a.zip"),
    (archive, "a.webm"),
    (movie_with_its_data_elsewhere, "a.mov"),
    (movie_with_its_data_elsewhere, "a.mp4"),
)
"""Files of which a program would read another, with the names that they are sent under: all are refused."""
HARMLESS: Sequence[tuple[Callable[[str], bytes], str]] = (
    (id3_with_link, "a.mp3"),
    (picture_with_profile, "a.jpg"),
)
"""Files that only mention another: they may be taken."""


def attack_file(make: Callable[[str], bytes], name: str, allowed: Sequence[int]) -> Attack:
    async def run(target: Target) -> None:
        async with canary() as bird:
            for address in few_addresses(bird):
                await send_file(target, make(address), name, bird, allowed)

    return Attack(KIND, f"{make.__name__} as {name}", run)


async def send_file(target: Target, content: bytes, name: str, bird: Canary, allowed: Sequence[int]) -> None:
    """Sends a file as an asset, and as the part of a form."""
    stored = await target.http.post("/v1/assets", files={"file": (name, content)})
    parts = {"image": (name, content)}
    form = await target.http.post("/v1/videos/estimate", data={"script": MARKER}, files=parts)
    for response in (stored, form):
        assert response.status_code in (*allowed, 400, 413, 415, 422, 429), response.text[:300]
        bird.check(response.text)
    if stored.status_code == 201:
        await target.http.delete(f"/v1/assets/{stored.json()['id']}")


NAMES = (
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "a\0b.png",
    "a\r\nX-Injected: yes.png",
    '"; filename="b.png',
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "‮gnp.exe",
    "a" * 5_000 + ".png",
    "$(touch /tmp/likeness-hostile).png",
    "-i.png",
    "file:///etc/passwd",
)


def attack_filename(number: int, name: str) -> Attack:
    """Builds the attack that sends a proper picture under an improper name."""

    async def run(target: Target) -> None:
        files = {"file": (name, PORTRAIT.read_bytes())}
        response = await target.http.post("/v1/assets", files=files)
        assert response.status_code in (201, 400, 413, 422, 429), response.text[:300]
        if response.status_code == 201:
            url = f"/v1/assets/{response.json()['id']}"
            content = await target.http.get(f"{url}/content")
            assert content.status_code == 302
            assert "x-injected" not in content.headers
            await target.http.delete(url)

    return Attack(KIND, f"name {number}", run)


PATHS = (
    "/v1/assets/..%2f..%2f..%2fetc%2fpasswd",
    "/v1/assets/%2e%2e/%2e%2e/etc/passwd/content",
    "/docs/..%2f..%2fservices.toml",
    "/static/../../../../etc/passwd",
    "//169.254.169.254/latest",
    "/v1/voices/..%2f..%2fetc%2fpasswd",
    "/v1/lexicon/..%2f..%2fetc%2fpasswd",
    "/v1/jobs/..%00/content",
    "/v1/models/file:%2f%2f%2fetc%2fpasswd",
    "/v1/effects/%c0%ae%c0%ae%2fetc%2fpasswd",
)


def attack_path(path: str) -> Attack:
    async def run(target: Target) -> None:
        for client in (target.http, target.anonymous):
            response = await client.get(f"http://{target.host}:{target.port}{path}")
            assert 400 <= response.status_code < 500, response.status_code
            assert "root:" not in response.text

    return Attack(KIND, f"path {path}", run)


def attacks() -> Iterator[Attack]:
    yield from (attack_field(name, *request) for name, request in FIELDS.items())
    yield from (attack_text(name, *request) for name, request in TEXTS.items())
    yield from (attack_markup(*numbered) for numbered in enumerate(MARKUP))
    yield from (attack_file(make, name, ()) for make, name in FILES)
    yield from (attack_file(make, name, (200, 201)) for make, name in HARMLESS)
    yield from (attack_filename(*numbered) for numbered in enumerate(NAMES))
    yield from map(attack_path, PATHS)


ATTACKS = tuple(attacks())
