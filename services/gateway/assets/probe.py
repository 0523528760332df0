"""Finds out the type of an uploaded file by its content; its name and declared type are ignored."""

from pathlib import Path
from typing import Any

import puremagic

from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.media import MediaLimits, ProbedMedia
from services.gateway.assets.probe_image import IMAGE_TYPES, probe_image
from services.gateway.assets.probe_recording import probe_recording

HEAD_BYTES = 64 * 1024
_BRAND = slice(4, 11)
ACCEPTED = (
    "Send an image (JPEG, PNG, WebP), "
    "a recording (WAV, MP3, FLAC, OGG, Opus, M4A, AAC, WebM, AIFF, CAF, AMR) or a video (MP4, MOV, WebM)."
)


def probe(path: Path, limits: MediaLimits, *, sound_only: bool = False) -> ProbedMedia:
    """Opens the file and decodes some of it. Returns its properties; of a video, with `sound_only`, those of
    its sound. Raises `AssetRefused`.

    Reads nothing but this file, and decodes no image with more pixels than allowed.
    """
    size = path.stat().st_size
    if size == 0:
        raise AssetRefused(400, "file_empty", "The file is empty. Send the file's content.")
    if size > limits.max_bytes:
        allowed = f"{limits.max_bytes / 2**20:.0f} MiB"
        message = f"The file is larger than the limit of {allowed}. Shorten or compress it."
        raise AssetRefused(413, "file_too_large", message)
    guesses = _guess_types(path)
    if guesses & IMAGE_TYPES:
        return probe_image(path, limits)
    media = probe_recording(path, guesses, limits, sound_only=sound_only)
    if media is None:
        raise _unsupported(guesses)
    return media


def _guess_types(path: Path) -> set[str]:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[_BRAND] == b"ftypM4A":
        return {"audio/mp4"}
    try:
        matches: list[Any] = puremagic.magic_string(head)  # pyright: ignore[reportUnknownMemberType]
    except (puremagic.PureError, ValueError):
        return set()
    best = max((float(match.confidence) for match in matches), default=0.0)
    return {str(match.mime_type) for match in matches if match.confidence == best and match.mime_type}


def _unsupported(guesses: set[str]) -> AssetRefused:
    found = f"The file looks like {min(guesses)}" if guesses else "The type of the file is not known"
    return AssetRefused(415, "unsupported_media_type", f"{found}, which is not accepted here. {ACCEPTED}")
