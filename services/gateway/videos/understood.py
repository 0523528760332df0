"""Says how a request for a video was understood. Pure."""

from typing import Any

from services.gateway.speech.understood import fill_in_speech
from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.spec import VideoSpec

SCRIPT_SEPARATOR = "\n\n"


def stored_spec(request: VideoRequest, spec: VideoSpec) -> dict[str, Any]:
    """Returns what is kept of a video's request, as JSON: the request, and what the API shows of every
    video."""
    return {
        "request": understood(request, spec),
        "model": spec.scenes[0].engine.name,
        "prompt": SCRIPT_SEPARATOR.join(request.texts()),
        "width": spec.output.width,
        "height": spec.output.height,
    }


def understood(request: VideoRequest, spec: VideoSpec) -> dict[str, Any]:
    """Returns the request as JSON with defaults filled in: engine, size, voices. Asked for again, it gives
    the same stages."""
    shown = request.model_dump(mode="json", exclude_none=True)
    shown["model"] = spec.scenes[0].engine.name
    shown["size"] = f"{spec.output.width}x{spec.output.height}"
    for fields, scene in zip(shown.get("scenes") or [shown], spec.scenes, strict=True):
        fill_in_speech(fields, scene)
    return shown
