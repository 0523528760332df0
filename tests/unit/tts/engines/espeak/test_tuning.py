import math

import pytest

from services.chassis.engine_api.timeline import Emotion
from services.tts.engines.espeak.tuning import Tuning, tune
from services.tts.script.spans import Emphasis, Manner


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
def test_speed_and_pitch_are_converted_to_parameters(speed: float, semitones: float, tuning: Tuning) -> None:
    assert tune(speed, semitones, Manner()) == tuning


@pytest.mark.parametrize(
    ("manner", "tuning"),
    [
        (Manner(rate=2.0, pitch_semitones=3.0), Tuning(350, 65, 59)),
        (Manner(rate=0.1, pitch_semitones=-40.0), Tuning(80, 2, 30)),
        (Manner(volume_db=-math.inf), Tuning(amplitude=0)),
        (Manner(volume_db=-6.0), Tuning(amplitude=50)),
        (Manner(volume_db=30.0), Tuning(amplitude=150)),
        (Manner(volume_db=1e9), Tuning(amplitude=150)),
        (Manner(emphasis=Emphasis.MODERATE), Tuning(emphasis=3)),
        (Manner(emotion=Emotion.SAD), Tuning(147, 39, 22, 71)),
        (Manner(emotion=Emotion.HAPPY), Tuning(189, 60, 84, 112)),
    ],
)
def test_a_manner_is_added_to_the_request_and_clamped(manner: Manner, tuning: Tuning) -> None:
    assert tune(1.0, 0.0, manner) == tuning
