"""Recordings: ordinary ones, and those whose structure is meant to cost memory or time."""

import io
import struct
from collections.abc import Sequence

import av
import numpy as np
from av.audio.stream import AudioStream

# PyAV's own stubs leave types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

RATE = 44_100


def encoded(
    container: str,
    codec: str,
    seconds: float = 1.0,
    *,
    rate: int = RATE,
    layout: str = "mono",
    bit_rate: int | None = None,
) -> bytes:
    """Returns a tone. `bit_rate` is for codecs that have none of their own."""
    target = io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        assert isinstance(stream, AudioStream)
        stream.codec_context.layout = layout
        if bit_rate is not None:
            stream.codec_context.bit_rate = bit_rate
        channels = stream.codec_context.layout.nb_channels
        tone = (np.sin(np.arange(round(seconds * rate)) * 0.06) * 8000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(tone, channels)[None, :], format="s16", layout=layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.codec_context.format.name,
            layout=layout,
            rate=rate,
            frame_size=stream.codec_context.frame_size or None,
        )
        for each in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(each))
        output.mux(stream.encode(None))
    return target.getvalue()


def mp3(seconds: float = 1.0) -> bytes:
    return encoded("mp3", "mp3", seconds)


def changing_aac() -> bytes:
    """Returns AAC whose channels and rate change midway, as that of radio stations does."""
    first = encoded("adts", "aac", 1.0, layout="stereo")
    return first + encoded("adts", "aac", 1.0, rate=22_050) + encoded("adts", "aac", 1.0, rate=48_000)


def synchsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3_tag(frames: Sequence[bytes]) -> bytes:
    content = b"".join(frames)
    return b"ID3\x04\0\0" + synchsafe(len(content)) + content


def id3_frame(kind: bytes, content: bytes) -> bytes:
    return kind + synchsafe(len(content)) + b"\0\0" + content


def many_texts(count: int = 30_000) -> bytes:
    """Returns a tag with so many different texts. FFmpeg compares each with all before."""
    return id3_tag([id3_frame(b"TXXX", b"\0%06d\0text" % number) for number in range(count)])


def many_private(count: int = 30_000) -> bytes:
    return id3_tag([id3_frame(b"PRIV", b"owner%06d\0data" % number) for number in range(count)])


def vorbis_comments(count: int) -> bytes:
    comments = b"".join(
        struct.pack("<I", len(text)) + text for text in (b"K%06d=v" % number for number in range(count))
    )
    return struct.pack("<I", 4) + b"test" + struct.pack("<I", count) + comments


def flac_with(*blocks: tuple[int, bytes]) -> bytes:
    """Returns a FLAC file with these blocks of metadata behind its first."""
    plain = encoded("flac", "flac")
    first = 4 + 4 + int.from_bytes(plain[5:8])
    added = b"".join(bytes([kind]) + len(data).to_bytes(3) + data for kind, data in blocks)
    return b"fLaC\0" + plain[5:first] + added + plain[first:]


def wav_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def wav_with(*chunks: bytes, rate: int = 16_000, channels: int = 1, seconds: float = 1.0) -> bytes:
    samples = bytes(2 * channels * round(rate * seconds))
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2 & 0xFFFF, 16)
    content = b"WAVE" + wav_chunk(b"fmt ", form) + b"".join(chunks) + wav_chunk(b"data", samples)
    return wav_chunk(b"RIFF", content)


def many_infos(count: int = 60_000) -> bytes:
    names = ("I%03X" % (number % 4096) for number in range(count))
    infos = b"".join(wav_chunk(name.encode(), b"t\0") for name in names)
    return wav_with(wav_chunk(b"LIST", b"INFO" + infos))


def ogg_page(serial: int, content: bytes = b"", *, flags: int = 0, number: int = 0) -> bytes:
    sizes = [255] * (len(content) // 255) + [len(content) % 255]
    head = b"OggS\0" + bytes([flags]) + struct.pack("<qIII", 0, serial, number, 0) + bytes([len(sizes)])
    page = bytearray(head + bytes(sizes) + content)
    page[22:26] = struct.pack("<I", ogg_checksum(page))
    return bytes(page)


def ogg_checksum(data: bytes | bytearray) -> int:
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
            value &= 0xFFFFFFFF
    return value


def many_ogg_streams(count: int = 2000) -> bytes:
    head = b"OpusHead\x01\x01\0\0" + struct.pack("<IhB", 48_000, 0, 0)
    page = ogg_page(1, head, flags=2)
    return b"".join(page[:14] + struct.pack("<I", serial) + page[18:] for serial in range(count))


def chained_ogg(links: int) -> bytes:
    """Returns Ogg streams one after the other: the first says how long it is, the file is longer."""
    return encoded("ogg", "libopus", 4.0, rate=48_000) * links
