import numpy as np
import pytest

from services.chassis.engine_api.timeline import Emotion, TimedEmotion
from services.video.engines.puppet.motion.expression import EXPRESSION_COLUMNS, EXPRESSIONS, expression_track
from services.video.engines.puppet.motion.lip_track import frame_times

TIMES = frame_times(100, 25.0)


def column(name: str, *emotions: TimedEmotion, otherwise: Emotion = Emotion.NEUTRAL) -> np.ndarray:
    return expression_track(TIMES, emotions, otherwise)[:, EXPRESSION_COLUMNS[name]]


def test_every_emotion_has_an_expression_of_its_own() -> None:
    assert set(EXPRESSIONS) == set(Emotion)
    assert len(set(EXPRESSIONS.values())) == len(EXPRESSIONS)


def test_an_emotion_comes_and_goes_within_a_third_of_a_second() -> None:
    smile = column("smile", TimedEmotion(Emotion.HAPPY, 1.0, 2.0))
    full = EXPRESSIONS[Emotion.HAPPY].smile
    assert smile[:20].max() == 0 and smile[30:45] == pytest.approx(full) and smile[55:].max() == 0
    assert 0 < smile[24] < full


def test_one_emotion_blends_into_the_next_without_a_gap() -> None:
    row = expression_track(
        TIMES, (TimedEmotion(Emotion.CALM, 0.0, 2.0), TimedEmotion(Emotion.CALM, 2.0, 5.0)), Emotion.NEUTRAL
    )
    assert row[10:] == pytest.approx(np.broadcast_to(row[30], row[10:].shape))


def test_between_emotions_the_face_shows_the_default() -> None:
    knit = column("knit", TimedEmotion(Emotion.HAPPY, 1.0, 2.0), otherwise=Emotion.SAD)
    assert knit[0] == knit[-1] == np.float32(EXPRESSIONS[Emotion.SAD].knit)
    assert knit[35] == pytest.approx(0, abs=1e-6)
