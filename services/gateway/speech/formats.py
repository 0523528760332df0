"""Lists the formats of streamed speech by their names in OpenAI's and in ElevenLabs' API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

AudioFormat = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
PLAIN = ("raw", "wav")


@dataclass(frozen=True, slots=True)
class AudioTarget:
    """Mono audio at `rate` hertz. `container` is one of `PLAIN` (16-bit samples), or libavformat's name of a
    container that is written without seeking back; then `codec` is libavcodec's. `bit_rate` is in bits a
    second."""

    media_type: str
    rate: int
    container: str
    codec: str = ""
    bit_rate: int | None = None
    options: Mapping[str, str] = field(default_factory=dict[str, str])


def raw(rate: int) -> AudioTarget:
    return AudioTarget("audio/pcm", rate, "raw")


def wav(rate: int) -> AudioTarget:
    return AudioTarget("audio/wav", rate, "wav")


def mp3(rate: int, bit_rate: int | None = None) -> AudioTarget:
    options = {"write_xing": "0", "id3v2_version": "0"}
    return AudioTarget("audio/mpeg", rate, "mp3", "libmp3lame", bit_rate, options)


def opus(bit_rate: int | None = None) -> AudioTarget:
    return AudioTarget("audio/ogg", 48_000, "ogg", "libopus", bit_rate, {"page_duration": "200000"})


OPENAI_FORMATS: Mapping[AudioFormat, AudioTarget] = {
    "mp3": mp3(24_000),
    "opus": opus(),
    "aac": AudioTarget("audio/aac", 44_100, "adts", "aac"),
    "flac": AudioTarget("audio/flac", 24_000, "flac", "flac"),
    "wav": wav(24_000),
    "pcm": raw(24_000),
}
_PLAIN_RATES = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_MP3_RATES = {22_050: (32,), 24_000: (48,), 44_100: (32, 64, 96, 128, 192)}
ELEVENLABS_FORMATS: Mapping[str, AudioTarget] = {
    **{f"mp3_{rate}_{kilo}": mp3(rate, kilo * 1000) for rate, kilos in _MP3_RATES.items() for kilo in kilos},
    **{f"opus_48000_{kilo}": opus(kilo * 1000) for kilo in (32, 64, 96, 128, 192)},
    **{f"pcm_{rate}": raw(rate) for rate in _PLAIN_RATES},
    **{f"wav_{rate}": wav(rate) for rate in _PLAIN_RATES},
    "ulaw_8000": AudioTarget("audio/basic", 8_000, "mulaw", "pcm_mulaw"),
    "alaw_8000": AudioTarget("audio/x-alaw-basic", 8_000, "alaw", "pcm_alaw"),
}
