"""Engines as the API shows them."""

from dataclasses import replace

from services.chassis.engine_api.spec import EngineLimits
from services.gateway.engines.endpoints import engine_object
from tests.unit.gateway.jobs.job_examples import VIDEO


def test_the_limits_of_an_engine_are_shown_and_null_is_no_limit() -> None:
    limits = EngineLimits(max_pixels=4_000_000, stage_timeout_seconds=60.0, piece_megapixel_seconds=6.5)
    shown = engine_object(replace(VIDEO, limits=limits), [])
    assert shown.limits.model_dump() == {
        "max_seconds": None,
        "max_characters": None,
        "max_pixels": 4_000_000,
        "min_speed": None,
        "max_speed": None,
        "max_pitch_semitones": None,
        "piece_megapixel_seconds": 6.5,
        "stage_timeout_seconds": 60.0,
    }
