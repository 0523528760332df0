"""Changes the stored request of a job, for a remix with new words or fields. Pure."""

from collections.abc import Mapping
from typing import Any, cast

from services.gateway.http.errors import ApiError, invalid

Fields = dict[str, Any]
EXCLUSIVE: Mapping[str, tuple[str, ...]] = {
    "script": ("audio", "transcript", "language"),
    "audio": ("script", "ssml", "markup"),
    "image": ("avatar", "input_reference"),
    "avatar": ("image", "input_reference"),
    "input_reference": ("image", "avatar"),
    "scenes": ("script", "audio", "transcript", "language", "prompt", "seconds"),
}
"""Fields that a new value of another field replaces."""
MERGED = ("output",)
"""Objects of which a change may contain some fields only."""
NOT_INHERITED = ("priority", "no_cache")
"""Fields about how a job was run: a remix is run as it asks for itself."""


def remixed(request: Mapping[str, Any] | None, changes: Mapping[str, Any]) -> Fields:
    """Returns the stored request with the changes; a field that is null is removed.

    `scenes` has an entry for each scene with the fields that change, `{}` for a scene that stays. Raises an
    `ApiError` if the request was not stored, or if the numbers of scenes differ.
    """
    if request is None:
        message = "The request for this job was not kept: it is older than this. Ask for it anew."
        raise ApiError(409, "request_unknown", message, "id")
    scenes = cast(list[Fields] | None, request.get("scenes"))
    changed = _with_words(dict(changes), request, scenes)
    if changed.get("scenes") is not None:
        changed["scenes"] = _merged_scenes(scenes, changed["scenes"])
    return _merged({name: value for name, value in request.items() if name not in NOT_INHERITED}, changed)


def _with_words(changes: Fields, request: Mapping[str, Any], scenes: list[Fields] | None) -> Fields:
    """Turns a `prompt` that comes alone into the new words of a job that speaks.

    The `openai` client's remix has no other field: it means new words wherever words are spoken.
    """
    if "prompt" in request and not request.keys() & {"script", "audio", "seconds"}:
        # The prompt is what is spoken: new words of any kind take its place.
        return {"prompt": None, **changes} if changes.keys() & {"script", "audio"} else changes
    words = changes.get("prompt")
    if not isinstance(words, str) or changes.keys() & {"script", "audio", "scenes", "seconds"}:
        return changes
    if scenes is not None and len(scenes) == 1:
        del changes["prompt"]
        return {**changes, "scenes": [_with_words({"prompt": words}, scenes[0], None)]}
    if scenes is not None:
        message = (
            f"This job has {len(scenes)} scenes. Give scenes with as many entries, each with what changes of "
            "it: {} keeps one as it is."
        )
        raise invalid("remix_needs_scenes", message, "prompt")
    if "script" in request or "audio" in request:
        changes["script"] = changes.pop("prompt")
    return changes


def _merged_scenes(scenes: list[Fields] | None, changes: Any) -> Any:
    if not isinstance(changes, list) or scenes is None:
        return cast(Any, changes)  # validated as the scenes of a whole request
    entries = cast(list[Any], changes)
    if len(entries) != len(scenes):
        message = (
            f"This job has {len(scenes)} scenes, not {len(entries)}. Give an entry for each: {{}} keeps it."
        )
        raise invalid("remix_scenes_mismatch", message, "scenes")
    return [
        _merged(scene, cast(Fields, change)) if isinstance(change, dict) else change
        for scene, change in zip(scenes, entries, strict=True)
    ]


def _merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> Fields:
    result = dict(before)
    for name, value in changes.items():
        for other in EXCLUSIVE.get(name, ()) if value is not None else ():
            if other not in changes:
                result.pop(other, None)
        if name in MERGED and isinstance(value, dict) and isinstance(result.get(name), dict):
            value = {**result[name], **cast(Fields, value)}
        result[name] = value
    return {name: value for name, value in result.items() if value is not None}
