"""Decides into how many parts the picture of a scene is divided. Pure."""

from services.chassis.engine_api.spec import EngineSpec

MIN_SECONDS, MAX_SECONDS = 10.0, 60.0
"""Length of a part at any size of the picture."""


def part_count(engine: EngineSpec, seconds: float, work_per_second: float) -> int:
    """Returns in how many parts a scene of `seconds` is rendered; 1 if the engine renders scenes as a whole.

    `work_per_second` is in megapixels, more than those of the size if there are more than 25 frames a second.
    The number depends on the request and the engine's limits alone, never on measured times: the same request
    must always be planned alike for its results to be found again.
    """
    limit = engine.limits.piece_megapixel_seconds
    if not limit:
        return 1
    length = min(max(limit / work_per_second, MIN_SECONDS), MAX_SECONDS)
    return max(1, round(seconds / length))
