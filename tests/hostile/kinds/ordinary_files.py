"""Files that people have: each is taken, or refused with what to do, and none is an error of the gateway."""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from PIL import Image

from tests.hostile.attack import Attack, Target
from tests.hostile.media import pictures, sounds

KIND = "ordinary_files"
Make = Callable[[], bytes]


def moded(kind: str, mode: str, **options: Any) -> bytes:
    target = io.BytesIO()
    Image.new(mode, (96, 120)).save(target, kind, **options)
    return target.getvalue()


def animated(kind: str) -> bytes:
    target = io.BytesIO()
    frames = [Image.new("RGB", (96, 120), (shade, 0, 0)) for shade in (0, 90, 180)]
    frames[0].save(target, kind, save_all=True, append_images=frames[1:])
    return target.getvalue()


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return moded("JPEG", "RGB", exif=exif)


def covered() -> bytes:
    """Returns an MP3 with a picture of its album."""
    picture = b"\0image/jpeg\0\3\0" + pictures.drawn("JPEG", 600, 600)
    return sounds.id3_tag([sounds.id3_frame(b"APIC", picture)]) + sounds.mp3()


TAKEN: Mapping[str, Make] = {
    "MPO of two": pictures.mpo,
    "MPO of five": lambda: pictures.mpo(5),
    "MPO, cut off in its second picture": lambda: pictures.mpo()[:-20],
    "progressive JPEG": lambda: moded("JPEG", "RGB", progressive=True),
    "grey JPEG": lambda: moded("JPEG", "L"),
    "JPEG for print": lambda: moded("JPEG", "CMYK"),
    "JPEG without chroma loss": lambda: moded("JPEG", "RGB", subsampling=0),
    "JPEG with restart markers": lambda: moded("JPEG", "RGB", restart_marker_rows=1),
    "JPEG with bytes behind it": lambda: moded("JPEG", "RGB") + b"more" * 50,
    **{f"JPEG turned by {each}": (lambda each=each: turned(each)) for each in (2, 3, 6, 8, 77)},
    "PNG with transparency": lambda: moded("PNG", "RGBA"),
    "PNG with a palette": lambda: moded("PNG", "P"),
    "PNG of one bit": lambda: moded("PNG", "1"),
    "PNG of 16 bits": lambda: moded("PNG", "I;16"),
    "animated PNG": lambda: animated("PNG"),
    "WebP with loss": lambda: moded("WEBP", "RGB"),
    "WebP with transparency": lambda: moded("WEBP", "RGBA", lossless=True),
    "animated WebP": lambda: animated("WEBP"),
    "AAC that changes its format": sounds.changing_aac,
    "AAC": lambda: sounds.encoded("adts", "aac"),
    "M4A": lambda: sounds.encoded("ipod", "aac", layout="stereo"),
    "ALAC": lambda: sounds.encoded("ipod", "alac"),
    "MP3 with a cover": covered,
    "MP3 with many tags": lambda: sounds.many_texts(500) + sounds.mp3(),
    "FLAC with comments": lambda: sounds.flac_with((4, sounds.vorbis_comments(40))),
    "Opus": lambda: sounds.encoded("ogg", "libopus", rate=48_000),
    "WAV of floats": lambda: sounds.encoded("wav", "pcm_f32le"),
    "WAV of 24 bits": lambda: sounds.encoded("wav", "pcm_s24le"),
    "WAV of six channels": lambda: sounds.encoded("wav", "pcm_s16le", layout="5.1"),
    "WAV of a telephone": lambda: sounds.encoded("wav", "pcm_mulaw", rate=8000),
    "WAV of ADPCM": lambda: sounds.encoded("wav", "adpcm_ima_wav"),
    "WAV of 4,000 Hz": lambda: sounds.wav_with(rate=4000),
    "MOV of sound alone": lambda: sounds.encoded("mov", "pcm_s16le"),
    "Opus in WebM, as browsers record it": lambda: sounds.encoded("webm", "libopus", rate=48_000),
    "AIFF": lambda: sounds.encoded("aiff", "pcm_s16be"),
    "CAF": lambda: sounds.encoded("caf", "alac"),
    "MP4": lambda: pictures.encoded_video("libx264", "mp4"),
    "MOV of MJPEG": lambda: pictures.video_of("mjpeg", pictures.drawn("JPEG"), 64, 10),
    "MOV of PNG": lambda: pictures.video_of("png", pictures.drawn("PNG", 64, 64), 64, 10),
    "WebM of VP8": lambda: pictures.encoded_video("libvpx", "webm"),
    "WebM of VP9": lambda: pictures.encoded_video("libvpx-vp9", "webm"),
}
REFUSED: Mapping[str, Make] = {
    "MOV with a codec that nobody knows": pictures.unknown_codec,
    "AVI": lambda: pictures.encoded_video("mpeg4", "avi"),
    "MKV of H.264": lambda: pictures.encoded_video("libx264", "matroska"),
    "GIF": lambda: animated("GIF"),
    "TIFF": lambda: moded("TIFF", "RGB"),
    "BMP": lambda: moded("BMP", "RGB"),
    "WMA": lambda: sounds.encoded("asf", "wmav2", bit_rate=64_000),
    "text": lambda: b"Dear all,\nthis is no recording.\n" * 30,
    "a web page": lambda: b"<!DOCTYPE html><html><body>Hi.</body></html>",
    "nothing": lambda: b"",
    "a JPEG, half": lambda: half(moded("JPEG", "RGB")),
    "a PNG, half": lambda: half(pictures.drawn("PNG", 640, 480)),
    "an MP4, half": lambda: half(pictures.encoded_video("libx264", "mp4")),
    "an M4A, half": lambda: half(sounds.encoded("ipod", "aac")),
    "a FLAC, half": lambda: half(sounds.flac_with()),
}


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def attack(name: str, make: Make, *, taken: bool) -> Attack:
    async def run(target: Target) -> None:
        response = await target.http.post("/v1/assets", files={"file": (name, make())})
        if taken:
            assert response.status_code == 201, (response.status_code, response.text[:300])
            return
        assert 400 <= response.status_code < 500, response.status_code
        message = response.json()["error"]["message"]
        assert len(message.split(". ")) >= 2, "it says what is wrong, and then what to do"

    return Attack(KIND, name, run)


def attacks() -> Iterator[Attack]:
    yield from (attack(name, make, taken=True) for name, make in TAKEN.items())
    yield from (attack(name, make, taken=False) for name, make in REFUSED.items())


ATTACKS = tuple(attacks())
