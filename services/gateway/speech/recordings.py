"""Takes recordings that a response works on, and keeps them as long as it needs them."""

import wave
from functools import partial
from pathlib import Path

from fastapi import UploadFile

from services.chassis.aio import in_thread
from services.chassis.storage import Artifact
from services.gateway.assets.intake import BLOCK_BYTES, blocks, put_file, spool, upload_folder
from services.gateway.components import Components
from services.gateway.http.errors import ApiError, invalid
from services.gateway.speech.conversion import discard_after_response

RAW_RATE = 16_000


async def take_recording(
    components: Components,
    workspace: str,
    upload: UploadFile,
    param: str,
    *,
    raw: bool = False,
    max_seconds: float = 0.0,
) -> Artifact:
    """Stores the recording for as long as the response needs it; `raw` samples are 16-bit at 16 kHz.

    Raises `AssetRefused` for a file that is no recording, and a 413 for one of more than `max_seconds`, if
    that is not 0.
    """
    with upload_folder() as folder:
        path = folder / "upload"
        await spool(path, blocks(upload), components.settings.max_upload_bytes)
        path = await in_thread(partial(wrapped, path)) if raw else path
        async with components.prober.probed(workspace, path, sound_only=True) as (readable, media):
            if media.kind != "audio":
                message = f"This is {media.kind}; send a recording of speech."
                raise invalid("audio_wrong_kind", message, param)
            if max_seconds and (media.duration_seconds or 0) > max_seconds:
                raise too_long(media.duration_seconds or 0, max_seconds, param)
            artifact = await put_file(components, workspace, readable, media.media_type)
    await discard_after_response(components, [artifact])
    return artifact


def too_long(seconds: float, limit: float, param: str) -> ApiError:
    message = (
        f"The recording lasts {seconds:.0f} seconds; at most {limit:g} are worked on while a client waits. "
        "Send it in parts."
    )
    return ApiError(413, "audio_too_long", message, param)


def wrapped(samples: Path) -> Path:
    """Makes a WAV file of raw samples. Returns its path."""
    path = samples.with_suffix(".wav")
    with samples.open("rb") as source, wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RAW_RATE, 0, "NONE", "not compressed"))
        while block := source.read(BLOCK_BYTES):
            file.writeframesraw(block)
    samples.unlink()
    return path
