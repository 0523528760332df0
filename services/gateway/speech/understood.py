"""Fills in the defaults of speech in requests that are stored. Pure."""

from collections.abc import Sequence
from typing import Any

from services.gateway.jobs.request import JobRequest
from services.gateway.speech.spec import ScriptSpec, SpeechSpec


def understood(request: JobRequest, scenes: Sequence[SpeechSpec]) -> dict[str, Any]:
    """Returns the request as JSON, with the defaults of its speech filled in.

    `scenes` are its resolved scenes; a request without the field `scenes` is its only one.
    """
    shown = request.model_dump(mode="json", exclude_none=True)
    for fields, scene in zip(shown.get("scenes") or [shown], scenes, strict=True):
        fill_in_speech(fields, scene)
    return shown


def fill_in_speech(fields: dict[str, Any], spec: SpeechSpec) -> None:
    """Adds to the JSON fields of a scene the voice and manner in which its script is spoken, and the engine
    that converts the voice."""
    if isinstance(spec.speech, ScriptSpec):
        script = spec.speech
        fields |= {
            "voice": script.voice,
            "speed": script.speed,
            "pitch_semitones": script.pitch_semitones,
            "ssml": script.ssml,
            "emotion": script.emotion.value,
        }
    if spec.conversion is not None and "conversion" in fields:
        fields["conversion"]["engine"] = spec.conversion.engine.name
