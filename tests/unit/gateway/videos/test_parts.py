"""Parts into which the picture of a scene is divided."""

from dataclasses import replace

import pytest

from services.chassis.engine_api.spec import EngineLimits
from services.gateway.videos.parts import part_count
from tests.unit.gateway.jobs.job_examples import VIDEO

IN_PARTS = replace(VIDEO, limits=EngineLimits(piece_megapixel_seconds=15.0))


@pytest.mark.parametrize(
    ("seconds", "work_per_second", "count"),
    [
        (0.0, 0.25, 1),
        (5.0, 0.25, 1),
        (80.0, 0.25, 1),  # a part is 60 s long
        (100.0, 0.25, 2),
        (1200.0, 0.25, 20),
        (1200.0, 1.0, 80),  # 15 s
        (1200.0, 8.0, 120),  # not below 10 s
    ],
)
def test_long_scenes_are_divided(seconds: float, work_per_second: float, count: int):
    assert part_count(IN_PARTS, seconds, work_per_second) == count


def test_an_engine_without_the_limit_renders_scenes_as_a_whole():
    assert part_count(VIDEO, 3600.0, 1.0) == 1
