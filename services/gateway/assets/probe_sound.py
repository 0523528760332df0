"""Probes the sound of an audio file: its length, and whether engines can read it to its end."""

from contextlib import suppress

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import InvalidDataError

from services.gateway.assets.errors import AssetRefused, corrupt
from services.gateway.assets.measured_sound import MeasuredSound, check_long_enough
from services.gateway.assets.media import MediaLimits, ProbedMedia, check_seconds

# PyAV's own stubs leave types open.
# pyright: reportUnknownMemberType=false

MIN_RATE = 8000
"""Lowest sample rate that engines take."""
MAX_KEPT_RATE = 48_000
"""Highest sample rate that is kept: an hour of it is all that engines hold."""
MAX_RATE = 384_000
MAX_CHANNELS = 8
FRAMES_DECODED = 20
_EXACT = frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_alaw", "pcm_mulaw"})
"""Codecs without structure: no byte of a file can be wrong."""
_READ_BY_ENGINES = {
    "audio/wav": _EXACT | {"pcm_f32le", "pcm_f64le"},
    "audio/flac": frozenset({"flac"}),
    "audio/ogg": frozenset({"vorbis", "opus"}),
    "audio/mpeg": frozenset({"mp3"}),
}
"""Codecs that engines read, by media type."""


def probe_sound(
    container: InputContainer, stream: AudioStream, media_type: str, limits: MediaLimits, *, exact: bool
) -> ProbedMedia:
    """Returns the properties of the file. Raises `AssetRefused` and `FFmpegError`.

    What services read as it is, is decoded to its end as they do, unless no byte of it can be wrong; `exact`
    is whether the structure of the file is as it says. The rest is decoded when it is converted, so that its
    first frames are enough here.
    """
    _check_layout(stream)
    codec = stream.codec_context.codec.canonical_name
    kept = (
        exact and codec in _READ_BY_ENGINES.get(media_type, ()) and MIN_RATE <= stream.rate <= MAX_KEPT_RATE
    )
    if not kept or codec in _EXACT:
        seconds = _measured(container, stream, limits)
        if kept:
            check_long_enough(seconds)
    else:
        sound = MeasuredSound(limits)
        sound.measure(container)
        sound.check()
        kept, seconds = sound.clean, sound.seconds
    return ProbedMedia("audio", media_type, duration_seconds=seconds, as_is=kept)


def _check_layout(stream: AudioStream) -> None:
    """Raises `AssetRefused` for more channels or a higher rate than any recording of speech has."""
    channels = stream.codec_context.layout.nb_channels
    if channels > MAX_CHANNELS or stream.rate > MAX_RATE:
        message = (
            f"The audio has {channels} channels at {stream.rate} Hz; at most {MAX_CHANNELS} channels and "
            f"{MAX_RATE} Hz are accepted. Export it with fewer."
        )
        raise AssetRefused(415, "unsupported_media_type", message)


def _measured(container: InputContainer, stream: AudioStream, limits: MediaLimits) -> float:
    """Returns the seconds from the first packet to the end of the last. Decodes the first frames."""
    frames = 0
    start, end = None, 0.0
    for packet in container.demux(stream):
        if packet.pts is not None and packet.time_base:
            begin = float(packet.pts * packet.time_base)
            start = begin if start is None else min(start, begin)
            end = max(end, begin + float((packet.duration or 0) * packet.time_base))
            check_seconds("audio", end - start, limits)
        if frames < FRAMES_DECODED:
            with suppress(InvalidDataError):
                frames += len(packet.decode())
    if not frames:
        raise corrupt("audio")
    return end - (start or 0.0)
