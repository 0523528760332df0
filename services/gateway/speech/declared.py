"""Declares what endpoints of speech answer with."""

from collections.abc import Iterable
from typing import Any

from services.chassis.errors import Reason
from services.gateway.http.declared import Codes, reasons
from services.gateway.speech.formats import AudioTarget

SPEECH: Codes = {
    422: (
        "engine_unknown",
        "voice_unknown",
        "voice_unsuitable",
        "speed_unsupported",
        "pitch_unsupported",
        "effect_unknown",
        "effect_invalid",
    )
}
"""Errors of requests that no engine can carry out."""
CLONED: Codes = {409: "voice_not_ready", 422: ("voice_failed", "engine_unsuitable")}
"""Errors of requests for speech in a cloned voice that cannot speak."""
SERVICES: Codes = reasons(
    Reason.INVALID_ARGUMENT,
    Reason.MEDIA_UNREADABLE,
    Reason.VOICE_UNKNOWN,
    Reason.ENGINE_UNKNOWN,
    Reason.ARTIFACT_MISSING,
    Reason.ENGINE_UNAVAILABLE,
    Reason.STORE_UNAVAILABLE,
    Reason.TIMED_OUT,
    Reason.ENGINE_CRASHED,
    Reason.OUT_OF_MEMORY,
    Reason.CANCELLED,
    Reason.INTERNAL,
)
"""Errors that the services raise while a response waits for them."""


def audio(targets: Iterable[AudioTarget], *others: str) -> dict[int | str, dict[str, Any]]:
    """Returns the declaration of a response with audio in one of the formats, or of another media type."""
    types = dict.fromkeys([*(target.media_type for target in targets), *others])
    content = {each: {"schema": {"type": "string", "format": "binary"}} for each in types}
    return {200: {"description": "The speech.", "content": content}}
