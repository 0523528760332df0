"""Checks what a request asks of an engine against the engine's limits."""

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.errors import InvalidArgument
from services.tts.engines.protocol import Speech


def check_reach(spec: EngineSpec, request: Speech) -> None:
    """Raises `InvalidArgument` for a speed or pitch that the engine cannot reach."""
    slowest, fastest, semitones = (
        spec.limits.min_speed,
        spec.limits.max_speed,
        spec.limits.max_pitch_semitones,
    )
    if not slowest <= request.speed <= fastest:
        raise InvalidArgument(
            f"speed {request.speed:g} is out of reach of {spec.name}: give {slowest:g} to {fastest:g}"
        )
    if not -semitones <= request.pitch_semitones <= semitones:
        raise InvalidArgument(
            f"pitch {request.pitch_semitones:+g} semitones is out of reach of {spec.name}: "
            f"give {-semitones:+g} to {semitones:+g}, or shift further with a voice engine"
        )
