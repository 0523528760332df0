"""Builds the stored form of a video's request. Pure."""

from typing import Any

from services.gateway.speech.understood import understood
from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.spec import VideoSpec

SCRIPT_SEPARATOR = "\n\n"


def stored_spec(request: VideoRequest, spec: VideoSpec) -> dict[str, Any]:
    """Returns the stored form of a video's request, as JSON: the request with defaults filled in (engine,
    size, voices), and the fields that the API shows of every video.

    Sent again, the stored request gives the same stages.
    """
    model, output = spec.scenes[0].engine.name, spec.output
    size = f"{output.width}x{output.height}"
    return {
        "request": understood(request, spec.scenes) | {"model": model, "size": size},
        "model": model,
        "prompt": SCRIPT_SEPARATOR.join(request.texts()),
        "width": output.width,
        "height": output.height,
    }
