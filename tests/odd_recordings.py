"""Recordings as people send them: layouts, joins, headers, containers, rates and lengths."""

import struct
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from tests.examples import READER
from tests.hostile.media.sounds import many_texts

Samples = NDArray[np.float64]
RATE = 16_000
SECONDS = 3


@dataclass(frozen=True, slots=True)
class OddRecording:
    """A recording. It is refused with the code `refused`, or sounds like `twin`, mono at 16 kHz."""

    make: Callable[[], bytes]
    twin: Callable[[], Samples]
    refused: str = ""


@cache
def speech() -> Samples:
    """Returns seconds of the example's speech."""
    pcm = run("-i", str(READER), "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-")
    return (np.frombuffer(pcm, "<i2") / 32768)[: SECONDS * RATE]


def twice() -> Samples:
    return np.concatenate([speech(), speech()])


def run(*arguments: str, send: bytes | None = None) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments]
    return subprocess.run(command, input=send, capture_output=True, check=True).stdout


def encoded(suffix: str, *options: str, layout: str = "mono", sound: Samples | None = None) -> bytes:
    """Returns the speech, or the `sound` of shape (samples, channels), in a file that FFmpeg writes."""
    samples = speech() if sound is None else sound
    form = ("-f", "f32le", "-ar", str(RATE), "-ch_layout", layout)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"sound.{suffix}"
        run(*form, "-i", "-", *options, str(path), send=samples.astype("<f4").tobytes())
        return path.read_bytes()


def piped(form: str, *options: str) -> bytes:
    """Returns the speech as FFmpeg writes it where it cannot go back to the header."""
    source = ("-f", "f32le", "-ar", str(RATE), "-ch_layout", "mono", "-i", "-")
    return run(*source, *options, "-f", form, "-", send=speech().astype("<f4").tobytes())


def played(data: bytes) -> Samples:
    """Returns what FFmpeg plays of a file: encoders put some silence in front, which not all formats tell."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sound"
        path.write_bytes(data)
        pcm = run("-i", str(path), "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-")
    return np.frombuffer(pcm, "<i2") / 32768


def channels(layout: str, *each: float) -> bytes:
    """Returns a WAV with the speech times a gain in each channel."""
    return encoded("wav", layout=layout, sound=speech()[:, None] * np.array(each))


def with_rumble() -> bytes:
    """Returns 5.1 with speech in its centre and a louder rumble in the channel of low effects."""
    times = np.arange(len(speech())) / RATE
    sound = np.zeros((len(times), 6))
    sound[:, 2], sound[:, 3] = speech(), 0.9 * np.sin(2 * np.pi * 45 * times) * (np.sin(4 * times) > 0)
    return encoded("wav", layout="5.1", sound=sound)


def wav(
    samples: Samples, *, kind: int = 1, form: str = "<i2", scale: float = 32767, count: int = 1, **claims: int
) -> bytes:
    """Returns a plain WAV. Its header claims the sizes `riff` and `data` if they are given."""
    content = (samples * scale).astype(form).tobytes()
    width = np.dtype(form).itemsize * count
    head = struct.pack("<HHIIHH", kind, count, RATE, RATE * width, width, 8 * width // count)
    data = struct.pack("<I", claims.get("data", len(content)))
    whole = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + data + content
    return b"RIFF" + struct.pack("<I", claims.get("riff", len(whole))) + whole


def unnamed(*each: float) -> bytes:
    """Returns a WAV that does not name its channels, with the speech times a gain in each."""
    return wav((speech()[:, None] * np.array(each)).reshape(-1), count=len(each))


def floating(scale: float, odd: float = 0.0, share: int = 0) -> bytes:
    """Returns a WAV in floating point; one of `share` samples is `odd`."""
    samples = speech().astype("<f4") * scale
    if share:
        samples[::share] = odd
    return wav(samples.astype(np.float64), kind=3, form="<f4", scale=1)


def claiming(data: bytes, samples: int) -> bytes:
    """Returns the FLAC file with that number of samples in its head."""
    number = (int.from_bytes(data[21:26]) >> 36 << 36) + samples
    return data[:21] + number.to_bytes(5) + data[26:]


def cut(data: bytes, share: float) -> bytes:
    return data[: round(len(data) * share)]


def mp3(*options: str) -> bytes:
    return encoded("mp3", *options)


@cache
def stereo_mp3() -> bytes:
    return encoded("mp3", "-ac", "2", "-ar", "44100")


def covered() -> bytes:
    """Returns an MP3 with a tag of 200 KiB in front, as one with a picture has."""
    size = 200 << 10
    head = b"ID3\x04\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    frame = b"PRIV" + bytes((size - 10) >> shift & 0x7F for shift in (21, 14, 7, 0)) + b"\0\0"
    return head + frame + b"x\0" + bytes(size - 12) + mp3("-id3v2_version", "0")


def taken(make: Callable[[], bytes], twin: Callable[[], Samples] = speech) -> OddRecording:
    return OddRecording(make, twin)


def as_played(make: Callable[[], bytes], recordings: float = 1) -> OddRecording:
    """Returns a recording whose twin is what FFmpeg plays, so many times the speech."""
    data = cache(make)

    def twin() -> Samples:
        samples = played(data())
        assert len(samples) >= recordings * SECONDS * RATE
        return samples

    return OddRecording(data, twin)


def refused(make: Callable[[], bytes], code: str) -> OddRecording:
    return OddRecording(make, speech, code)


ODD_RECORDINGS: Mapping[str, OddRecording] = {
    # Layouts
    "stereo": taken(lambda: channels("stereo", 1, 1)),
    "left only": taken(lambda: channels("stereo", 1, 0)),
    "right only": taken(lambda: channels("stereo", 0, 1)),
    "opposite phase": taken(lambda: channels("stereo", 1, -1)),
    "nearly opposite phase": taken(lambda: channels("stereo", 0.8, -1)),
    "opposite phase in MP3": taken(
        lambda: encoded("mp3", layout="stereo", sound=speech()[:, None] * np.array([1, -1]))
    ),
    "opposite phase in M4A": taken(
        lambda: encoded("m4a", layout="stereo", sound=speech()[:, None] * np.array([1, -1]))
    ),
    "5.1, centre": taken(lambda: channels("5.1", 0, 0, 1, 0, 0, 0)),
    "5.1, one surround": taken(lambda: channels("5.1(side)", 0, 0, 0, 0, 0, 1)),
    "5.1, louder rumble": taken(with_rumble),
    "5.1 in Vorbis": taken(
        lambda: encoded("ogg", layout="5.1", sound=speech()[:, None] * np.array([0, 0, 1, 0, 0, 0]))
    ),
    "7.1, all": taken(lambda: channels("7.1", 1, 1, 1, 1, 1, 1, 1, 1)),
    "quad, behind": taken(lambda: channels("quad", 0, 0, 1, 1)),
    "three unnamed, the third": taken(lambda: unnamed(0, 0, 1)),
    "eight unnamed, the first": taken(lambda: unnamed(1, 0, 0, 0, 0, 0, 0, 0)),
    "nine unnamed": refused(lambda: unnamed(*[1] * 9), "unsupported_media_type"),
    # Joins
    "two WAV": taken(lambda: wav(speech()) * 2, twice),
    "WAV and stereo WAV": taken(
        lambda: wav(speech()) + encoded("wav", "-ar", "44100", "-ac", "2", "-bitexact"), twice
    ),
    "two MP3": as_played(lambda: mp3() * 2, 2),
    "MP3 and stereo MP3": as_played(lambda: mp3() + stereo_mp3(), 2),
    "MP3, tag, MP3": as_played(lambda: mp3() + many_texts(50) + mp3("-id3v2_version", "0"), 2),
    "MP3, old tag, MP3": as_played(lambda: mp3() + b"TAG" + bytes(125) + mp3(), 2),
    "two FLAC": taken(lambda: encoded("flac") * 2, twice),
    "two Vorbis": taken(lambda: encoded("ogg", "-c:a", "libvorbis") * 2, twice),
    "two Opus": taken(lambda: encoded("opus") * 2, twice),
    "two AAC": as_played(lambda: encoded("aac") * 2, 2),
    "AAC and stereo AAC": as_played(lambda: encoded("aac") + encoded("aac", "-ac", "2", "-ar", "44100"), 2),
    "two M4A": refused(lambda: encoded("m4a") * 2, "audio_corrupt"),
    "M4A for the web twice": refused(lambda: encoded("m4a", "-movflags", "faststart") * 2, "audio_corrupt"),
    "two AIFF": refused(lambda: encoded("aiff") * 2, "audio_corrupt"),
    "Vorbis and Opus": refused(
        lambda: encoded("ogg", "-c:a", "libvorbis") + encoded("opus"), "audio_corrupt"
    ),
    # Headers
    "WAV of no length": taken(lambda: wav(speech(), riff=0, data=0)),
    "WAV of endless length": taken(lambda: wav(speech(), riff=0xFFFFFFFF, data=0xFFFFFFFF)),
    "WAV that claims more": taken(lambda: wav(speech(), riff=1 << 30, data=1 << 30)),
    "WAV that claims half": taken(
        lambda: wav(speech(), data=SECONDS * RATE), lambda: speech()[: SECONDS * RATE // 2]
    ),
    "WAV from a pipe": taken(lambda: piped("wav")),
    "RF64": taken(lambda: encoded("wav", "-rf64", "always")),
    "WAV with no numbers": taken(lambda: floating(1, np.nan, 1000)),
    "WAV with infinities": taken(lambda: floating(1, -np.inf, 1000)),
    "WAV of no numbers alone": refused(lambda: floating(1, np.nan, 1), "audio_corrupt"),
    "floats as large as integers": taken(lambda: floating(32768)),
    "floats above full scale": taken(lambda: floating(5)),
    "MP3 with a picture": taken(covered),
    "MP3 without a head": as_played(lambda: mp3("-write_xing", "0", "-id3v2_version", "0", "-q:a", "5")),
    "MP3 that says less": as_played(
        lambda: cut(mp3("-id3v2_version", "0"), 0.2) + mp3("-write_xing", "0")[45:], 1.15
    ),
    "FLAC from a pipe": taken(lambda: piped("flac")),
    "FLAC with a tag": taken(lambda: many_texts(9000) + encoded("flac")),
    "FLAC that claims less": taken(lambda: claiming(encoded("flac"), RATE)),
    "FLAC that is cut off": refused(lambda: cut(encoded("flac"), 0.6), "audio_corrupt"),
    "FLAC at 96 kHz that is cut off": refused(
        lambda: cut(encoded("flac", "-ar", "96000"), 0.6), "audio_corrupt"
    ),
    "MP3 that is cut off": taken(lambda: cut(mp3(), 0.6), lambda: speech()[: round(0.6 * SECONDS * RATE)]),
    "AAC that is cut off": as_played(lambda: cut(encoded("aac"), 0.61), 0.55),
    "M4A for the web that is cut off": as_played(
        lambda: cut(encoded("m4a", "-movflags", "faststart"), 0.6), 0.5
    ),
    "M4A that is cut off": refused(lambda: cut(encoded("m4a"), 0.6), "audio_corrupt"),
    # Containers and codecs
    "WebM of a browser": taken(lambda: piped("webm", "-c:a", "libopus")),
    "WebM with Vorbis": taken(lambda: encoded("webm", "-c:a", "libvorbis")),
    "Matroska": taken(lambda: encoded("mka", "-c:a", "aac")),
    "MP4": taken(lambda: encoded("mp4", "-c:a", "aac")),
    "MP4 in fragments": as_played(
        lambda: piped("mp4", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov")
    ),
    "M4A without loss": taken(lambda: encoded("m4a", "-c:a", "alac")),
    "MOV": taken(lambda: encoded("mov", "-c:a", "pcm_s16be")),
    "MOV with AAC": taken(lambda: encoded("mov", "-c:a", "aac")),
    "3GP with AMR": taken(lambda: encoded("3gp", "-c:a", "libopencore_amrnb", "-ar", "8000")),
    "AMR": taken(lambda: encoded("amr", "-c:a", "libopencore_amrnb", "-ar", "8000")),
    "Opus": taken(lambda: encoded("opus")),
    "FLAC in Ogg": taken(lambda: encoded("oga", "-c:a", "flac")),
    "AIFF": taken(lambda: encoded("aiff")),
    "AIFF of little endian": taken(lambda: encoded("aiff", "-c:a", "pcm_s16le")),
    "CAF": taken(lambda: encoded("caf")),
    "CAF with ALAC": taken(lambda: encoded("caf", "-c:a", "alac")),
    "AC-3": refused(lambda: encoded("ac3", "-ar", "48000"), "unsupported_media_type"),
    "WMA": refused(lambda: encoded("wma"), "unsupported_media_type"),
    "WavPack": refused(lambda: encoded("wv"), "unsupported_media_type"),
    "AVI": refused(lambda: encoded("avi"), "unsupported_media_type"),
    # Rates and widths
    "4 kHz": taken(lambda: encoded("wav", "-ar", "4000")),
    "11 kHz": taken(lambda: encoded("wav", "-ar", "11025")),
    "96 kHz": taken(lambda: encoded("flac", "-ar", "96000")),
    "192 kHz": taken(lambda: encoded("wav", "-ar", "192000")),
    "384 kHz": taken(lambda: encoded("wav", "-ar", "384000")),
    "8 bits": taken(lambda: encoded("wav", "-c:a", "pcm_u8")),
    "24 bits": taken(lambda: encoded("wav", "-c:a", "pcm_s24le")),
    "64 bits": taken(lambda: encoded("wav", "-c:a", "pcm_f64le")),
    "A-law": taken(lambda: encoded("wav", "-c:a", "pcm_alaw")),
    "ADPCM": taken(lambda: encoded("wav", "-c:a", "adpcm_ima_wav")),
    "MP3 in WAV": as_played(lambda: encoded("wav", "-c:a", "mp3")),
    # Lengths
    "no sample": refused(lambda: wav(speech()[:0]), "audio_corrupt"),
    "one sample": refused(lambda: wav(speech()[:1]), "audio_too_short"),
    "one sample in M4A": refused(lambda: encoded("m4a", sound=speech()[:1]), "audio_too_short"),
    "50 milliseconds": refused(lambda: encoded("flac", sound=speech()[:800]), "audio_too_short"),
    "a second": taken(lambda: wav(speech()[:RATE]), lambda: speech()[:RATE]),
}
