"""Refuses requests that exceed the limits of an engine. Pure: raises `ApiError`, or returns nothing."""

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.text.did_you_mean import similar
from services.gateway.assets.media import ProbedMedia
from services.gateway.http.errors import invalid
from services.gateway.http.refusals import Refusals


def check_length(name: str, text: str, limit: int, param: str) -> None:
    """Raises a 422 for a text of more than `limit` characters; `name` is how the message calls it."""
    if len(text) > limit:
        message = (
            f"The {name} has {len(text)} characters; the limit is {limit}. "
            "Shorten it, or split it into several."
        )
        raise invalid(f"{name}_too_long", message, param)


def check_language(spec: EngineSpec, language: str, param: str) -> None:
    """Raises a 422 for a language that the engine does not know; `language` is a BCP 47 tag."""
    known = {each.lower().partition("-")[0] for each in spec.languages}
    if known and language.lower().replace("_", "-").partition("-")[0] not in known:
        close = similar(language, known, 3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        message = (
            f"The engine {spec.name} does not know the language {language!r}. "
            f"Give a BCP 47 tag such as de or pt-BR, or leave it out.{hint}"
        )
        raise invalid("language_unknown", message, param)


def check_speech(spec: EngineSpec, speed: float, pitch_semitones: float, path: str = "") -> None:
    """Raises a 422 for a speed or pitch that the engine does not support.

    `speed` is a factor; `path` precedes the names of the fields in refusals.
    """
    refusals = Refusals()
    refusals.attempt(lambda: check_speed(spec, speed, f"{path}speed"))
    refusals.attempt(lambda: check_pitch(spec, pitch_semitones, f"{path}pitch_semitones"))
    refusals.raise_if_any()


def check_speed(spec: EngineSpec, speed: float, param: str) -> None:
    slowest, fastest = spec.limits.min_speed, spec.limits.max_speed
    if speed < slowest or (fastest and speed > fastest):
        message = (
            f"The engine {spec.name} speaks at {slowest:g} to {fastest:g} times its speed, not {speed:g}."
        )
        raise invalid("speed_unsupported", message, param)


def check_pitch(spec: EngineSpec, pitch_semitones: float, param: str) -> None:
    reach = spec.limits.max_pitch_semitones
    if reach and abs(pitch_semitones) > reach:
        message = (
            f"The engine {spec.name} moves its pitch by up to {reach:g} semitones, not {pitch_semitones:+g}. "
            "A conversion goes further."
        )
        raise invalid("pitch_unsupported", message, param)


def check_portrait(spec: EngineSpec, media: ProbedMedia, param: str) -> None:
    """Raises a 422 for a portrait with more pixels than the engine takes."""
    width, height, limit = media.width or 0, media.height or 0, spec.limits.max_pixels
    if limit and width * height > limit:
        message = (
            f"The portrait has {width}×{height} pixels; the engine {spec.name} takes up to "
            f"{limit / 1e6:.0f} megapixels. Scale it down."
        )
        raise invalid("portrait_too_large", message, param)


def check_seconds(spec: EngineSpec, seconds: float | None, param: str) -> None:
    """Raises a 422 for more seconds than the engine makes at once; `None` is never too long."""
    limit = spec.limits.max_seconds
    if limit and seconds is not None and seconds > limit:
        message = (
            f"The engine {spec.name} makes up to {limit:g} seconds at once. Split it into several scenes."
        )
        raise invalid("too_long_for_engine", message, param)
