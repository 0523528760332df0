"""Names fields of scenes where the request gives them. Pure."""

from collections.abc import Mapping

ALTERNATIVES: Mapping[str, tuple[str, ...]] = {"image": ("avatar", "image")}
"""Fields that give the same thing: an avatar brings the scene's image along."""


def name_where_given(
    param: str | None, scene: Mapping[str, object], request: Mapping[str, object], path: str
) -> str | None:
    """Returns the name of a scene's field as the request gives it: in the scene, or above all scenes.

    `path` precedes the names of the scene's fields. A field that is missing in both keeps its name.
    """
    if param is None or not param.startswith(path):
        return param
    field, dot, inner = param.removeprefix(path).partition(".")
    for prefix, fields in ((path, scene), ("", request)):
        for name in ALTERNATIVES.get(field, (field,)):
            if fields.get(name) is not None:
                return f"{prefix}{name}{dot}{inner}"
    return param
