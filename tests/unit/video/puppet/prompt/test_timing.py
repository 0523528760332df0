import pytest

from services.chassis.engine_api.timeline import Emotion
from services.video.engines.puppet.motion.gesture import Gesture, GestureKind
from services.video.engines.puppet.prompt.parse import parse_prompt
from services.video.engines.puppet.prompt.timing import emotion_of, gestures_of

Kind = GestureKind


def test_a_gesture_is_made_once_or_as_often_as_asked_or_held() -> None:
    (nod,) = gestures_of(parse_prompt("nod"), 10)
    assert nod.kind is Kind.NOD and nod.end - nod.start == pytest.approx(1.5) and 0 < nod.start < 1
    first, second = gestures_of(parse_prompt("blink twice"), 10)
    assert first.end < second.start < second.end < 3
    assert gestures_of(parse_prompt("gently smile"), 10) == [Gesture(Kind.SMILE, 0, 10, 0.5)]


@pytest.mark.parametrize("seconds", [0.04, 0.5, 3])
def test_gestures_fit_into_however_short_a_video(seconds: float) -> None:
    gestures = gestures_of(parse_prompt("nod thrice, wink. shake head repeatedly"), seconds)
    assert len(gestures) == 8 + 2
    assert all(0 <= each.start < each.end <= seconds + 1e-9 for each in gestures)


def test_the_first_emotion_of_a_prompt_counts() -> None:
    assert emotion_of(parse_prompt("happy, then sad")) is Emotion.HAPPY
    assert emotion_of(parse_prompt("nod")) is None
