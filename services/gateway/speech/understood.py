"""Fills in what a request leaves to the defaults of speech. Pure."""

from typing import Any

from services.gateway.speech.spec import ScriptSpec, SpeechSpec


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
