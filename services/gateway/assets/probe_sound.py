"""Probes the sound of an audio file: its length, and whether engines can read it to its end."""

from collections.abc import Iterable

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from services.gateway.assets.errors import AssetRefused, corrupt
from services.gateway.assets.media import MediaLimits, ProbedMedia, check_seconds

# PyAV's own stubs leave types open.
# pyright: reportUnknownMemberType=false

MIN_SECONDS = 0.1
MIN_RATE = 8000
"""Lowest sample rate that engines take."""
MAX_RATE = 384_000
MAX_CHANNELS = 8
FRAMES_DECODED = 20
_EXACT = frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_alaw", "pcm_mulaw"})
"""Codecs without structure: no byte of a file can be wrong."""
_FLOATING = ("flt", "dbl")
"""Formats of the samples of WAV files with floating point, in which anything may stand."""
_READ_BY_ENGINES = {
    "audio/wav": _EXACT | {"pcm_f32le", "pcm_f64le"},
    "audio/flac": frozenset({"flac"}),
    "audio/ogg": frozenset({"vorbis", "opus"}),
    "audio/mpeg": frozenset({"mp3"}),
}
"""Codecs that engines read, by media type."""


def probe_sound(
    container: InputContainer, stream: AudioStream, media_type: str, limits: MediaLimits
) -> ProbedMedia:
    """Returns the properties of the file. Raises `AssetRefused` and `FFmpegError`.

    What engines read as it is, is decoded to its end as they do, unless no byte of it can be wrong. The rest
    is decoded when it is converted, so that its first frames are enough here.
    """
    _check_layout(stream)
    codec = stream.codec_context.codec.canonical_name
    as_is = codec in _READ_BY_ENGINES.get(media_type, ()) and stream.rate >= MIN_RATE
    if codec == "flac":  # drops damaged frames, which the engines' reader refuses
        stream.codec_context.options = {"err_detect": "crccheck+explode"}
    seconds = _measured(container, stream, limits, whole=as_is and codec not in _EXACT)
    if seconds < MIN_SECONDS:
        message = f"The audio lasts {seconds:.3f} seconds, and {MIN_SECONDS:g} are needed. Send a longer one."
        raise AssetRefused(422, "audio_too_short", message)
    return ProbedMedia("audio", media_type, duration_seconds=seconds, as_is=as_is)


def _check_layout(stream: AudioStream) -> None:
    """Raises `AssetRefused` for more channels or a higher rate than any recording of speech has."""
    channels = stream.codec_context.layout.nb_channels
    if channels > MAX_CHANNELS or stream.rate > MAX_RATE:
        message = (
            f"The audio has {channels} channels at {stream.rate} Hz; at most {MAX_CHANNELS} channels and "
            f"{MAX_RATE} Hz are accepted. Export it with fewer."
        )
        raise AssetRefused(415, "unsupported_media_type", message)


def _measured(container: InputContainer, stream: AudioStream, limits: MediaLimits, *, whole: bool) -> float:
    """Returns the seconds: of the decoded samples if the `whole` file is decoded, otherwise from the first
    packet to the end of the last."""
    frames, samples, heard = 0, 0, 0.0
    start, end = None, 0.0
    for packet in container.demux(stream):
        if packet.pts is not None and packet.time_base:
            begin = float(packet.pts * packet.time_base)
            start = begin if start is None else min(start, begin)
            end = max(end, begin + float((packet.duration or 0) * packet.time_base))
            check_seconds("audio", end - start, limits)
        if whole or frames < FRAMES_DECODED:
            decoded = packet.decode()
            frames += len(decoded)
            samples += _finite(decoded)
            heard += sum(frame.samples / frame.sample_rate for frame in decoded)
            check_seconds("audio", heard, limits)
    if not samples or start is None or end <= start or (whole and _has_gaps(stream, samples)):
        raise corrupt("audio")
    return heard if whole else end - start


def _has_gaps(stream: AudioStream, samples: int) -> bool:
    """Returns whether a FLAC file has fewer samples than its head declares."""
    declared = stream.duration * stream.time_base * stream.rate if stream.duration and stream.time_base else 0
    return stream.codec_context.codec.canonical_name == "flac" and samples < declared


def _finite(frames: Iterable[av.AudioFrame]) -> int:
    """Returns the number of samples. Raises `AssetRefused` if one of them is no number."""
    count = 0
    for frame in frames:
        count += frame.samples
        if frame.format.name in _FLOATING and not is_finite(frame):
            raise corrupt("audio")
    return count


def is_finite(frame: av.AudioFrame) -> bool:
    """Returns whether all samples are numbers. Loads NumPy, which few files need, when it is called."""
    import numpy as np

    return bool(np.isfinite(frame.to_ndarray()).all())
