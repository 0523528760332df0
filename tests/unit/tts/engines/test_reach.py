"""Speeds and pitches that an engine reaches, and others."""

import pytest

from services.chassis.engine_api.spec import EngineLimits, EngineSpec
from services.chassis.errors import InvalidArgument
from services.tts.engines.protocol import Speech
from services.tts.engines.reach import check_reach

SPEC = EngineSpec(
    "tts", "some", "1", limits=EngineLimits(min_speed=0.5, max_speed=4.0, max_pitch_semitones=9.0)
)


@pytest.mark.parametrize(("speed", "semitones"), [(0.5, 0), (4.0, 9), (1, -9)])
def test_speed_and_pitch_at_the_limits_are_taken(speed: float, semitones: float) -> None:
    check_reach(SPEC, Speech((), "voice", speed, semitones))


@pytest.mark.parametrize(
    ("speed", "semitones"), [(0.45, 0), (4.1, 0), (float("nan"), 0), (1, 9.5), (1, -10), (1, float("nan"))]
)
def test_speed_and_pitch_out_of_reach_are_refused(speed: float, semitones: float) -> None:
    with pytest.raises(InvalidArgument, match="out of reach of some: give"):
        check_reach(SPEC, Speech((), "voice", speed, semitones))
