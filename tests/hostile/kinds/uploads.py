"""Files that cost the decoder memory or time, by every way in: they are read fast, or refused."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cache

import httpx2

from tests.hostile.attack import Attack, Target
from tests.hostile.media import boxes, pictures, sounds

KIND = "uploads"
SECONDS = 15.0
"""Within this time every file is answered, others of the same workspace before it included."""
TAKEN, DAMAGED, LARGE, UNSUPPORTED = 201, 422, 413, 415
Send = Callable[[Target, bytes], Awaitable[httpx2.Response]]


@cache
def png_film() -> bytes:
    """Returns a video of large pictures, which take several seconds together."""
    return pictures.video_of("png", pictures.drawn("PNG", 3000, 3000), 3000, 25)


FILES: Mapping[str, tuple[Callable[[], bytes], Sequence[int]]] = {
    "a tag of 30,000 texts": (lambda: sounds.many_texts() + sounds.mp3(), [TAKEN]),
    "a tag of 30,000 private frames": (lambda: sounds.many_private() + sounds.mp3(), [TAKEN]),
    "a tag before FLAC": (lambda: sounds.many_texts() + sounds.flac_with(), [TAKEN]),
    "a tag before AAC": (lambda: sounds.many_texts() + sounds.encoded("adts", "aac"), [TAKEN]),
    "a tag longer than the file": (lambda: b"ID3\4\0\0\x7f\x7f\x7f\x7f" + sounds.mp3(), [DAMAGED]),
    "a hundred tags": (lambda: sounds.id3_tag([]) * 100 + sounds.mp3(), [DAMAGED]),
    "60,000 comments in FLAC": (lambda: sounds.flac_with((4, sounds.vorbis_comments(60_000))), [DAMAGED]),
    "3,000 blocks in FLAC": (lambda: sounds.flac_with(*[(1, b"")] * 3000), [DAMAGED]),
    "60,000 texts in WAV": (sounds.many_infos, [DAMAGED]),
    "a tag of 30,000 texts in WAV": (
        lambda: sounds.wav_with(sounds.wav_chunk(b"id3 ", sounds.many_texts())),
        [DAMAGED],
    ),
    "3,000 channels in WAV": (lambda: sounds.wav_with(channels=3000, seconds=0.05), [DAMAGED, UNSUPPORTED]),
    "a rate of 4 GHz in WAV": (
        lambda: sounds.wav_with(rate=0x70000000, seconds=1e-6),
        [DAMAGED, UNSUPPORTED],
    ),
    "2,000 streams in Ogg": (sounds.many_ogg_streams, [DAMAGED]),
    "a chain of Ogg streams": (lambda: sounds.chained_ogg(40), [TAKEN]),
    "a JPEG of 64,000 by 780": (lambda: pictures.jpeg_of_size(64_000, 780), [LARGE]),
    "a JPEG of 65,000 by 65,000": (lambda: pictures.jpeg_of_size(65_000, 65_000), [LARGE]),
    "a JPEG of 16,000 by 3,000 without data": (lambda: pictures.jpeg_of_size(16_000, 3000), [TAKEN, DAMAGED]),
    "a PNG of 2 billion by 2 billion": (lambda: pictures.png(2_000_000_000, 2_000_000_000), [LARGE, DAMAGED]),
    "a PNG of 64,000 by 700": (lambda: pictures.png(64_000, 700), [LARGE]),
    "a PNG of 16 bits without data": (lambda: pictures.png(12_000, 4000, depth=16, colour=6), [DAMAGED]),
    "a PNG with 300 MB of data": (lambda: pictures.png(64, 64, data=bytes(300 << 20)), [TAKEN, DAMAGED]),
    "a PNG with 300 MB of text": (
        lambda: pictures.png(1, 1, pictures.png_chunk(b"zTXt", b"a\0\0" + pictures.inflated(300))),
        [DAMAGED],
    ),
    "a PNG with a colour profile of 300 MB": (
        lambda: pictures.png(1, 1, pictures.png_chunk(b"iCCP", b"a\0\0" + pictures.inflated(300))),
        [TAKEN, DAMAGED],
    ),
    "a WebP canvas of 16,383 by 16,383": (lambda: pictures.webp_of_size(16_383, 16_383), [LARGE]),
    "a WebP of 7,000 by 6,900": (lambda: pictures.webp_of_size(7000, 6900), [LARGE]),
    "a MOV of large PNG frames": (png_film, [TAKEN]),
    **{name: (lambda data=data: data, [DAMAGED]) for name, data in boxes.CLAIMS.items()},
}


async def as_asset(target: Target, data: bytes) -> httpx2.Response:
    return await target.http.post("/v1/assets", files={"file": ("file", data)})


async def presigned(target: Target, data: bytes) -> httpx2.Response:
    body = {"filename": "file", "bytes": len(data)}
    upload = (await target.http.post("/v1/assets/uploads", json=body)).json()
    await put(upload, data)
    return await target.http.post(f"/v1/assets/uploads/{upload['id']}/complete")


async def put(upload: Mapping[str, str], data: bytes) -> None:
    async with httpx2.AsyncClient(trust_env=False) as store:
        sent = await store.put(
            upload["url"], content=data, headers={"Content-Type": "application/octet-stream"}
        )
    assert sent.is_success, sent.text


async def in_a_form(target: Target, data: bytes) -> httpx2.Response:
    return await target.http.post(
        "/v1/videos", data={"script": "Hi.", "dry_run": "true"}, files={"input_reference": ("file", data)}
    )


async def as_data_url(target: Target, data: bytes) -> httpx2.Response:
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    body = {"script": "Hi.", "dry_run": True, "input_reference": {"image_url": url}}
    return await target.http.post(
        "/v1/videos", content=json.dumps(body), headers={"content-type": "application/json"}
    )


async def as_speech(target: Target, data: bytes) -> httpx2.Response:
    return await target.http.post("/v1/speech-to-speech/en-us", files={"audio": ("file", data)})


WAYS: Mapping[str, Send] = {
    "presigned": presigned,
    "in a form": in_a_form,
    "as a data URL": as_data_url,
    "as speech": as_speech,
}
BY_EVERY_WAY = ("60 million sizes in stsz", "a WebP canvas of 16,383 by 16,383", "60,000 comments in FLAC")


def attack(name: str, send: Send, make: Callable[[], bytes], statuses: Sequence[int]) -> Attack:
    async def run(target: Target) -> None:
        data = await asyncio.to_thread(make)
        async with asyncio.timeout(SECONDS):
            response = await send(target, data)
        assert response.status_code in statuses, (response.status_code, response.text[:300])
        assert "/" not in response.json().get("error", {}).get("message", ""), "it names a path"

    return Attack(KIND, name, run)


async def six_webps(target: Target) -> None:
    data = pictures.webp(16_383, 3000)
    responses = await asyncio.gather(*(as_asset(target, data) for _ in range(6)))
    assert {response.status_code for response in responses} == {LARGE}


async def eight_tags(target: Target) -> None:
    data = sounds.many_texts() + sounds.mp3()
    async with asyncio.timeout(SECONDS):
        responses = await asyncio.gather(*(as_asset(target, data) for _ in range(8)))
    assert {response.status_code for response in responses} == {TAKEN}


async def eighty_at_once(target: Target) -> None:
    data = pictures.drawn("JPEG", 900, 1200)
    responses = await asyncio.gather(*(as_asset(target, data) for _ in range(80)))
    assert {response.status_code for response in responses} <= {TAKEN, 429}
    assert all(each.headers.get("retry-after") for each in responses if each.status_code == 429)


async def large_pictures_at_once(target: Target) -> None:
    data = await asyncio.to_thread(pictures.drawn, "PNG", 7000, 7000)
    responses = await asyncio.gather(*(as_asset(target, data) for _ in range(4)))
    assert {response.status_code for response in responses} <= {TAKEN, 429}


async def left_while_waiting(target: Target) -> None:
    """Sends large files and leaves: the next file need not wait until they have been read."""
    data = await asyncio.to_thread(png_film)
    sending = [asyncio.ensure_future(as_asset(target, data)) for _ in range(6)]
    await asyncio.sleep(1)
    for each in sending:
        each.cancel()
    await asyncio.gather(*sending, return_exceptions=True)
    async with asyncio.timeout(SECONDS):
        assert (await as_asset(target, sounds.mp3())).status_code == TAKEN


async def sent_after_completion(target: Target) -> None:
    data = pictures.drawn("PNG", 70, 60)
    body = {"filename": "file", "bytes": len(data)}
    upload = (await target.http.post("/v1/assets/uploads", json=body)).json()
    await put(upload, data)
    complete = f"/v1/assets/uploads/{upload['id']}/complete"
    assert (await target.http.post(complete)).status_code == TAKEN
    await put(upload, data)
    assert (await target.http.post(complete)).status_code == 404


TOGETHER: Mapping[str, Callable[[Target], Awaitable[None]]] = {
    "six WebPs of 16,383 by 3,000 at once": six_webps,
    "eight tags of 30,000 texts at once": eight_tags,
    "eighty files at once": eighty_at_once,
    "four pictures of 49 megapixels at once": large_pictures_at_once,
    "six large files, and leaving": left_while_waiting,
    "a file that is sent after its completion": sent_after_completion,
}


def attacks() -> Iterator[Attack]:
    for name, (make, statuses) in FILES.items():
        yield attack(name, as_asset, make, statuses)
    for way, send in WAYS.items():
        for name in BY_EVERY_WAY:
            yield attack(f"{name}, {way}", send, *FILES[name])
    yield from (Attack(KIND, name, run) for name, run in TOGETHER.items())


ATTACKS = tuple(attacks())
