"""Probes audio and video with PyAV."""

import time
from pathlib import Path
from typing import cast

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from services.gateway.assets.decoding import decoding
from services.gateway.assets.errors import AssetRefused, corrupt
from services.gateway.assets.headers.containers import checked_container
from services.gateway.assets.media import MediaKind, MediaLimits, ProbedMedia, check_seconds, check_size
from services.gateway.assets.probe_sound import FRAMES_DECODED, probe_sound
from services.gateway.assets.recording_file import open_recording

AUDIO_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "mov": "audio/mp4",
    "matroska": "audio/webm",
    "aiff": "audio/aiff",
    "caf": "audio/x-caf",
    "amr": "audio/amr",
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
    "audio/aiff": "audio",
    "audio/x-caf": "audio",
    "application/ogg": "audio",
    "video/mp4": "video",
    "video/quicktime": "video",
    "video/webm": "video",
}
WEBM_CODECS = frozenset({"vp8", "vp9", "av1"})
MAX_STREAMS = 32
DECODING_SECONDS = 1.0
"""CPU time after which no further picture of a video is decoded."""


def probe_recording(
    path: Path, guesses: set[str], limits: MediaLimits, *, sound_only: bool = False
) -> ProbedMedia | None:
    """Returns the properties of a recording; `None` if the file is of no accepted type. Raises `AssetRefused`
    if it is, but cannot be used.

    `guesses` are the types that its first bytes claim; they tell a damaged file from a foreign one. The
    duration is that of the file's content, whatever its header claims.
    """
    claims = sorted(guesses & KIND_OF_GUESS.keys())
    kind: MediaKind = KIND_OF_GUESS[claims[0]] if claims else "audio"
    with decoding(kind):
        try:
            plan = checked_container(path)
            container = open_recording(path, plan)
        except FFmpegError as exc:
            if claims or isinstance(exc, MemoryError):
                raise
            return None
    with decoding(kind), container:
        if len(container.streams) > MAX_STREAMS:
            raise corrupt(kind)
        stream = _sound(container) if sound_only else _main_stream(container)
        media_type = _media_type(container, stream)
        if stream is None or media_type is None:
            return None
        with decoding("video" if isinstance(stream, VideoStream) else "audio"):
            return _probe_stream(container, stream, media_type, limits, exact=plan.exact)


def _probe_stream(
    container: InputContainer,
    stream: AudioStream | VideoStream,
    media_type: str,
    limits: MediaLimits,
    *,
    exact: bool,
) -> ProbedMedia:
    if not has_decoder(stream):
        message = (
            "The file's codec is not known here. Send H.264, VP8, VP9 or AV1 video, or AAC, MP3, FLAC, Opus, "
            "Vorbis or PCM audio."
        )
        raise AssetRefused(415, "unsupported_media_type", message)
    stream.codec_context.thread_count = 1
    if isinstance(stream, AudioStream):
        return probe_sound(container, stream, media_type, limits, exact=exact)
    return _probe_picture(container, stream, media_type, limits)


def has_decoder(stream: AudioStream | VideoStream) -> bool:
    """Returns whether FFmpeg has a decoder for the stream: PyAV has no context for it otherwise, whatever
    its types say."""
    return cast(object | None, stream.codec_context) is not None


def _probe_picture(
    container: InputContainer, stream: VideoStream, media_type: str, limits: MediaLimits
) -> ProbedMedia:
    context = stream.codec_context
    check_size("video", context.width, context.height, limits)
    context.options = {"max_pixels": str(limits.max_pixels)}
    seconds = _measured(container, stream, limits)
    return ProbedMedia("video", media_type, context.width, context.height, seconds)


def _sound(container: InputContainer) -> AudioStream:
    """Returns the sound. Raises `AssetRefused` for a video without any."""
    if not container.streams.audio:
        message = "The video has no sound. Send one that has, or a recording."
        raise AssetRefused(415, "unsupported_media_type", message)
    return container.streams.audio[0]


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
        case VideoStream() if family == "matroska" and has_decoder(stream):
            return "video/webm" if stream.codec_context.name in WEBM_CODECS else None
        case _:
            return None


def _measured(container: InputContainer, stream: VideoStream, limits: MediaLimits) -> float:
    """Returns the seconds from the first packet to the end of the last; decodes the first frames on the
    way."""
    decoded, start, end = 0, None, 0.0
    until = time.process_time() + DECODING_SECONDS
    for packet in container.demux(stream):
        if packet.pts is not None and packet.time_base:
            begin = float(packet.pts * packet.time_base)
            start = begin if start is None else min(start, begin)
            end = max(end, begin + float((packet.duration or 0) * packet.time_base))
            check_seconds("video", end - start, limits)
        if not decoded or (decoded < FRAMES_DECODED and time.process_time() < until):
            decoded += len(packet.decode())
    if decoded == 0 or start is None or end <= start:
        raise corrupt("video")
    return end - start
