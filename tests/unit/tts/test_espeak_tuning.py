import pytest

from services.chassis.errors import InvalidArgument
from services.tts.engines.espeak.tuning import Tuning, tune


@pytest.mark.parametrize(
    ("speed", "semitones", "tuning"),
    [
        (1.0, 0.0, Tuning(175, 50, 50)),
        (2.0, 0.0, Tuning(350, 50, 50)),
        (4.0, 0.0, Tuning(700, 50, 50)),
        (1.0, 9.0, Tuning(175, 95, 84)),
        (1.0, -9.0, Tuning(175, 2, 30)),
    ],
)
def test_speed_and_pitch_become_parameters(speed: float, semitones: float, tuning: Tuning) -> None:
    assert tune(speed, semitones) == tuning


@pytest.mark.parametrize(
    ("speed", "semitones"), [(0.45, 0), (4.1, 0), (float("nan"), 0), (1, 9.5), (1, -10), (1, float("nan"))]
)
def test_what_is_out_of_reach_is_refused(speed: float, semitones: float) -> None:
    with pytest.raises(InvalidArgument, match="out of reach"):
        tune(speed, semitones)
