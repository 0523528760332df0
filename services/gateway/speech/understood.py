"""Fills in the defaults of speech in requests that are stored. Pure."""

from collections.abc import Sequence
from typing import Any

from services.gateway.jobs.request import JobRequest
from services.gateway.speech.spec import ScriptSpec, SpeechSpec


def understood(request: JobRequest, scenes: Sequence[SpeechSpec]) -> dict[str, Any]:
    """Returns the request as JSON, with the defaults of its speech filled in.

    `scenes` are its resolved scenes; a request without the field `scenes` is its only one.
    """
    shown = request.model_dump(mode="json", exclude_none=True, exclude={"dry_run"})
    scene_fields = shown.get("scenes")
    for fields, scene in zip(scene_fields or [shown], scenes, strict=True):
        if isinstance(scene.speech, ScriptSpec):
            fill_in_speech(fields, shown, scene.speech)
        owner = fields if "conversion" in fields else shown
        if scene.conversion is not None and "conversion" in owner:
            owner["conversion"]["engine"] = scene.conversion.engine.name
    return shown


def fill_in_speech(fields: dict[str, Any], shared: dict[str, Any], script: ScriptSpec) -> None:
    """Adds the voice and manner in which a script is spoken.

    Values that the scene's `fields` leave out go into `shared`, the fields of the request, from which all
    scenes inherit: a remix can still change them for all scenes at once. A voice is named with its engine;
    one that was chosen for the words is left out, for a remix may bring others. A cloned one has an id.
    """
    spoken = {
        "voice": script.cloned.id if script.cloned else f"{script.engine.name}:{script.voice}",
        "speed": script.speed,
        "pitch_semitones": script.pitch_semitones,
        "ssml": script.ssml,
        "markup": script.markup.value,
        "emotion": script.emotion.value,
    }
    if script.voice_chosen:
        del spoken["voice"]
    for name, value in spoken.items():
        owner = fields if name in fields else shared
        owner[name] = value
