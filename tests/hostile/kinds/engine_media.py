"""Media that are small to send and heavy to decode: each is refused, or its job ends soon."""

import asyncio
import io
import struct
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import httpx2
import numpy as np
import soundfile
from PIL import Image

from tests.examples import PORTRAIT, READER
from tests.hostile.attack import Attack, Target
from tests.hostile.media import pictures, sounds
from tests.hostile.media.flac import UNKNOWN, silent_flac

KIND = "engine_media"
JOB_SECONDS = 15.0
POLL_SECONDS = 0.3
REFUSED = (400, 409, 413, 415, 422, 429)
ENDED = ("completed", "failed", "cancelled")
FAULTS = ("engine_crashed", "internal", "worker_lost", "timed_out")
"""Reasons of a failed job that are the stack's fault, whatever it was sent."""

Make = Callable[[], bytes]
Send = Callable[[Target, bytes], Awaitable[httpx2.Response]]
Request = Callable[[str, str], tuple[str, dict[str, Any]]]
"""Returns the path and the body of a job, of the hostile file and of an ordinary portrait."""


def strip(kind: str, width: int, height: int, mode: str = "RGB", **options: Any) -> bytes:
    target = io.BytesIO()
    Image.new(mode, (width, height)).save(target, kind, **options)
    return target.getvalue()


def animated(kind: str, frames: int) -> bytes:
    target = io.BytesIO()
    pages = [Image.new("RGB", (1200, 150), (shade, 0, 0)) for shade in range(frames)]
    pages[0].save(target, kind, save_all=True, append_images=pages[1:])
    return target.getvalue()


def wav_of_claimed_bytes(size: int) -> bytes:
    content = sounds.wav_with()
    start = content.index(b"data")
    return content[: start + 4] + struct.pack("<I", size) + content[start + 8 :]


def wav_of_numbers(value: float) -> bytes:
    target = io.BytesIO()
    soundfile.write(target, np.full(16_000, value, np.float32), 16_000, "FLOAT", format="WAV")
    return target.getvalue()


def ogg_that_jumps(granule: int) -> bytes:
    """Returns an Ogg file whose last page claims to end at this sample."""
    content = bytearray(sounds.chained_ogg(1))
    start = content.rindex(b"OggS")
    content[start + 6 : start + 14] = struct.pack("<q", granule)
    content[start + 22 : start + 26] = bytes(4)
    content[start + 22 : start + 26] = struct.pack("<I", sounds.ogg_checksum(content[start:]))
    return bytes(content)


async def form(target: Target, content: bytes) -> httpx2.Response:
    return await target.http.post("/v1/assets", files={"file": ("media", content)})


async def presigned(target: Target, content: bytes) -> httpx2.Response:
    begun = await target.http.post("/v1/assets/uploads", json={"filename": "media", "bytes": len(content)})
    if begun.status_code not in (200, 201):
        return begun
    upload = begun.json()
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as store:
        sent = await store.put(upload["url"], headers=upload["headers"], content=content)
    assert sent.status_code == 200, sent.status_code
    return await target.http.post(f"/v1/assets/uploads/{upload['id']}/complete")


def spoken(asset: str, portrait: str) -> tuple[str, dict[str, Any]]:
    return "/v1/videos", {"script": "Hi.", "image": asset, "no_cache": True}


def behind(asset: str, portrait: str) -> tuple[str, dict[str, Any]]:
    output = {"background": asset, "size": "256x256", "fit": "pad"}
    return "/v1/videos", {"script": "Hi.", "image": portrait, "output": output, "no_cache": True}


def shown(asset: str, portrait: str) -> tuple[str, dict[str, Any]]:
    return "/v1/videos", {"audio": asset, "image": portrait, "no_cache": True}


def changed(asset: str, portrait: str) -> tuple[str, dict[str, Any]]:
    return "/v1/audio/jobs", {"audio": asset, "effects": ["chipmunk"], "no_cache": True}


def converted(asset: str, portrait: str) -> tuple[str, dict[str, Any]]:
    return "/v1/audio/jobs", {"audio": asset, "conversion": {"pitch_semitones": 3}, "no_cache": True}


def referred(asset: str, portrait: str) -> tuple[str, dict[str, Any]]:
    return "/v1/audio/jobs", {"script": "Hi.", "conversion": {"reference": asset}, "no_cache": True}


def joined(asset: str, portrait: str) -> tuple[str, dict[str, Any]]:
    return "/v1/audio/jobs", {"scenes": [{"audio": asset}, {"script": "Hi."}], "no_cache": True}


async def attack(make: Make, send: Send, request: Request, target: Target) -> None:
    """Sends the file and asks for a job with it; raises AssertionError unless both end as they should."""
    answer = await send(target, await asyncio.to_thread(make))
    if answer.status_code in REFUSED:
        return
    assert answer.status_code in (200, 201), answer.text
    portrait = await form(target, PORTRAIT.read_bytes())
    path, body = request(answer.json()["id"], portrait.json().get("id", ""))
    job = await target.http.post(path, json=body)
    if job.status_code in REFUSED:
        return
    assert job.status_code == 200, job.text
    await ended(target, job.json()["id"])


async def ended(target: Target, job: str) -> None:
    """Waits for the job's end. Raises AssertionError if it takes long, and for a fault of the stack."""
    until = time.monotonic() + JOB_SECONDS
    found: dict[str, Any] = {"status": "queued"}
    while found["status"] not in ENDED:
        if time.monotonic() > until:
            await target.http.post(f"/v1/jobs/{job}/cancel")
            raise AssertionError(f"The job is {found['status']} after {JOB_SECONDS:g} s.")
        await asyncio.sleep(POLL_SECONDS)
        found = (await target.http.get(f"/v1/jobs/{job}")).json()
    error: dict[str, Any] | None = found["error"]
    assert error is None or error["code"] not in FAULTS, error


PICTURES: Mapping[str, Make] = {
    "a JPEG of 64,000x780": partial(strip, "JPEG", 64_000, 780),
    "a JPEG of 780x64,000": partial(strip, "JPEG", 780, 64_000),
    "a progressive JPEG of 60,000x100": partial(strip, "JPEG", 60_000, 100, progressive=True),
    "a CMYK JPEG of 30,000x200": partial(strip, "JPEG", 30_000, 200, "CMYK"),
    "a WebP of 16,383x3,000": partial(pictures.webp, 16_383, 3000),
    "a WebP that claims 16,383x3,050": partial(pictures.webp_of_size, 16_383, 3050),
    "a PNG of 20,000x300 with opacity": partial(strip, "PNG", 20_000, 300, "RGBA"),
    "a PNG of 16 bits, 15,000x300": partial(strip, "PNG", 15_000, 300, "I;16"),
    "a PNG of 1 bit, 49,000x1,000": partial(strip, "PNG", 49_000, 1000, "1"),
    "a PNG of one row of 16,384": partial(strip, "PNG", 16_384, 1, "P"),
    "a PNG of 40 frames": partial(animated, "PNG", 40),
    "a WebP of 40 frames": partial(animated, "WEBP", 40),
    "an MPO of a hundred": partial(pictures.mpo, 100),
    "a JPEG that claims 7,000x7,000": partial(pictures.jpeg_of_size, 7000, 7000),
}
SOUNDS: Mapping[str, Make] = {
    "31 minutes of silent FLAC at 96 kHz": partial(silent_flac, 96_000 * 1860, rate=96_000),
    "a FLAC of 8 channels at 655 kHz": partial(silent_flac, 655_350 * 20, rate=655_350, channels=8),
    "a FLAC that claims 19 hours": partial(silent_flac, 16_000, rate=16_000, claimed=(1 << 36) - 1),
    "a FLAC that claims 1 sample": partial(silent_flac, 16_000 * 60, rate=16_000, claimed=1),
    "a FLAC of unknown length": partial(silent_flac, 16_000 * 2, rate=16_000, claimed=UNKNOWN),
    "a chain of 200 recordings": partial(sounds.chained_ogg, 200),
    "a chain of 2 recordings": partial(sounds.chained_ogg, 2),
    "an Ogg file that jumps by days": partial(ogg_that_jumps, 48_000 * 86_400 * 30),
    "an Ogg file that jumps back": partial(ogg_that_jumps, -(1 << 62)),
    "a WAV of 255 channels": partial(sounds.wav_with, channels=255),
    "a WAV at 4 MHz": partial(sounds.wav_with, rate=4_000_000),
    "a WAV that claims 4 GiB": partial(wav_of_claimed_bytes, 0xFFFFFFFF),
    "a WAV of no numbers": partial(wav_of_numbers, float("nan")),
    "a WAV of huge numbers": partial(wav_of_numbers, 3e38),
    "an AAC that changes midway": sounds.changing_aac,
}
SPOKEN = sounds.wav_with(seconds=3)

STRIP, TALL = PICTURES["a PNG of 1 bit, 49,000x1,000"], PICTURES["a JPEG of 780x64,000"]
CHAIN = SOUNDS["a chain of 2 recordings"]

ATTACKS = (
    *(
        Attack(KIND, f"{name} as the portrait", partial(attack, make, form, spoken))
        for name, make in PICTURES.items()
    ),
    *(
        Attack(KIND, f"{name}, {way.__name__}", partial(attack, make, presigned, way))
        for (name, make), way in zip(
            SOUNDS.items(), (changed, shown, changed, converted, joined, shown) * 3, strict=False
        )
    ),
    Attack(KIND, "a strip behind", partial(attack, STRIP, form, behind)),
    Attack(
        KIND,
        "an opaque strip, presigned",
        partial(attack, TALL, presigned, spoken),
    ),
    Attack(KIND, "a chain as the reference", partial(attack, CHAIN, form, referred)),
    Attack(KIND, "silence as the reference", partial(attack, lambda: SPOKEN, form, referred)),
    Attack(KIND, "an ordinary recording", partial(attack, READER.read_bytes, form, changed)),
)
