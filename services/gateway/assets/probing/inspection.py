"""Reads one uploaded file, in the process that was forked for it."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from services.gateway.assets.decoding import fault_in
from services.gateway.assets.errors import AssetRefused, too_complex
from services.gateway.assets.lossless import FLAC, write_flac
from services.gateway.assets.media import MediaLimits, ProbedMedia
from services.gateway.assets.probe import probe
from services.gateway.assets.probing.task import CONVERTED_SUFFIX


def inspect(path: Path, limits: MediaLimits, *, sound_only: bool = False) -> bytes:
    """Probes the file, and converts it, beside it, if engines cannot read it as it is, or of a video
    `sound_only` is wanted.

    Returns the answer in JSON, without a line break: the media or the refusal.
    """
    try:
        media, converted = readable_by_engines(path, limits, sound_only=sound_only)
        answer: dict[str, Any] = {"media": asdict(media), "converted": converted}
    except MemoryError:
        answer = _refused(too_complex())
    except AssetRefused as exc:
        answer = _refused(exc)
    return json.dumps(answer).encode()


def readable_by_engines(
    path: Path, limits: MediaLimits, *, sound_only: bool = False
) -> tuple[ProbedMedia, bool]:
    """Returns the media, and whether it was converted, beside the file. Raises `AssetRefused`."""
    media = probe(path, limits, sound_only=sound_only)
    if media.as_is:
        return media, False
    seconds = write_flac(path, path.with_suffix(CONVERTED_SUFFIX), limits)
    return replace(media, media_type=FLAC, duration_seconds=seconds, as_is=True), True


def _refused(refusal: AssetRefused) -> dict[str, Any]:
    return {
        "refusal": {"status": refusal.status, "code": refusal.code, "message": refusal.message},
        "fault": fault_in(refusal),
    }
