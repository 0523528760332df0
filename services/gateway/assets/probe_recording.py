"""Probes audio and video with PyAV."""

from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from services.gateway.assets.media import MediaKind, MediaLimits, ProbedMedia, check_pixels, check_seconds
from services.gateway.assets.probe_sound import FRAMES_DECODED, corrupt, probe_sound

AUDIO_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "mov": "audio/mp4",
}
# Kinds by the media types that puremagic guesses from the first bytes.
KIND_OF_GUESS: dict[str, MediaKind] = {
    "audio/wav": "audio",
    "audio/wave": "audio",
    "audio/mpeg": "audio",
    "audio/flac": "audio",
    "audio/ogg": "audio",
    "audio/aac": "audio",
    "audio/mp4": "audio",
    "application/ogg": "audio",
    "video/mp4": "video",
    "video/quicktime": "video",
    "video/webm": "video",
}
WEBM_CODECS = frozenset({"vp8", "vp9", "av1"})
# A file's content must not make libavformat open other files or addresses, as playlists do.
OPTIONS = {"protocol_whitelist": "file", "format_whitelist": "wav,mp3,flac,ogg,aac,mov,mp4,matroska,webm"}


def probe_recording(path: Path, guesses: set[str], limits: MediaLimits) -> ProbedMedia | None:
    """Returns the properties of a recording; `None` if the file is of no accepted type. Raises `AssetRefused`
    if it is, but cannot be used.

    `guesses` are the types that its first bytes claim; they tell a damaged file from a foreign one. The
    duration is that of the file's content, whatever its header claims.
    """
    try:
        container = av.open(str(path), options=OPTIONS, metadata_errors="replace")
    except FFmpegError as exc:
        claims = sorted(guesses & KIND_OF_GUESS.keys())
        if claims:
            raise corrupt(KIND_OF_GUESS[claims[0]]) from exc
        return None
    with container:
        stream = _main_stream(container)
        media_type = _media_type(container, stream)
        if stream is None or media_type is None:
            return None
        try:
            if isinstance(stream, AudioStream):
                return probe_sound(container, stream, media_type, limits)
            return _probe_picture(container, stream, media_type, limits)
        except FFmpegError as exc:
            raise corrupt("video" if isinstance(stream, VideoStream) else "audio") from exc


def _probe_picture(
    container: InputContainer, stream: VideoStream, media_type: str, limits: MediaLimits
) -> ProbedMedia:
    context = stream.codec_context
    check_pixels("video", context.width, context.height, limits)
    context.options = {"max_pixels": str(limits.max_pixels)}
    seconds = _measured(container, stream, limits)
    return ProbedMedia("video", media_type, context.width, context.height, seconds)


def _main_stream(container: InputContainer) -> AudioStream | VideoStream | None:
    """Returns the moving picture if there is one (a cover image is none), else the sound."""
    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    return next(iter([*moving, *container.streams.audio]), None)


def _media_type(container: InputContainer, stream: AudioStream | VideoStream | None) -> str | None:
    family = container.format.name.partition(",")[0]
    match stream:
        case AudioStream():
            return AUDIO_TYPES.get(family)
        case VideoStream() if family == "mov":
            is_quicktime = container.metadata.get("major_brand", "").strip() == "qt"
            return "video/quicktime" if is_quicktime else "video/mp4"
        case VideoStream() if family == "matroska" and stream.codec_context.name in WEBM_CODECS:
            return "video/webm"
        case _:
            return None


def _measured(container: InputContainer, stream: VideoStream, limits: MediaLimits) -> float:
    """Returns the seconds from the first packet to the end of the last; decodes the first frames on the
    way."""
    decoded, start, end = 0, None, 0.0
    for packet in container.demux(stream):
        if packet.pts is not None and packet.time_base:
            begin = float(packet.pts * packet.time_base)
            start = begin if start is None else min(start, begin)
            end = max(end, begin + float((packet.duration or 0) * packet.time_base))
            check_seconds("video", end - start, limits)
        if decoded < FRAMES_DECODED:
            decoded += len(packet.decode())
    if decoded == 0 or start is None or end <= start:
        raise corrupt("video")
    return end - start
