from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.chassis.engine_api.timeline import Emotion, SpeechTimeline, Stress, TimedEmotion, TimedPhoneme
from services.video.engines.protocol import Rendering
from services.video.engines.puppet.eyes.pose import EYE_COLUMNS
from services.video.engines.puppet.motion.gesture import Gesture, GestureKind
from services.video.engines.puppet.motion.performance import Performance, plan_performance
from services.video.engines.puppet.mouth.lip_pose import COLUMNS

SILENT = Rendering(Path("portrait.png"), Path("video.mp4"), min_seconds=4.0)


def rows(performance: Performance) -> np.ndarray:
    """Returns everything that the face and the head do, (frames, n)."""
    head = performance.head
    parts = [performance.lips, performance.eyes, head.turn[:, None], head.nod[:, None], head.lean[:, None]]
    return np.hstack([*parts, head.shift])


@pytest.mark.parametrize("kind", GestureKind)
def test_every_gesture_changes_the_frames_of_its_time_only(kind: GestureKind) -> None:
    plain = rows(plan_performance(SILENT, 60))
    changed = np.abs(rows(plan_performance(SILENT, 60, [Gesture(kind, 1.0, 3.0)])) - plain).max(axis=1)
    assert changed[:25].max() < 1e-6 and changed[75:].max() < 1e-6
    assert changed.max() > 0.005


def test_a_gesture_asked_for_twice_stays_within_what_a_face_can_do() -> None:
    twice = plan_performance(SILENT, 60, [Gesture(GestureKind.RAISE_BROWS, 0.0, 4.0, 3.0)] * 2)
    assert twice.eyes[:, EYE_COLUMNS["brows"]].max() == 1
    happy = replace(SILENT, emotion=Emotion.HAPPY)
    twice = plan_performance(
        happy, 60, [Gesture(GestureKind.SMILE, 0, 4), Gesture(GestureKind.OPEN_MOUTH, 0, 4, 3)]
    )
    assert twice.lips[:, COLUMNS["smile"]].max() == 1
    assert twice.lips[:, COLUMNS["open"]].max() < 0.5 and twice.lips[:, COLUMNS["jaw"]].max() < 0.35


def test_emotions_of_the_timeline_override_the_default() -> None:
    timeline = SpeechTimeline(4.0, emotions=(TimedEmotion(Emotion.HAPPY, 2.0, 4.0),))
    smile = plan_performance(
        Rendering(Path("portrait.png"), Path("video.mp4"), timeline=timeline, emotion=Emotion.SAD), 60
    ).lips[:, COLUMNS["smile"]]
    assert smile[:40].max() < -0.5 and smile[60:90].min() > 0.5


def test_lids_that_an_emotion_lowers_still_blink() -> None:
    sad = Rendering(Path("portrait.png"), Path("video.mp4"), min_seconds=20.0, emotion=Emotion.SAD)
    shut = plan_performance(sad, 60).eyes[:, EYE_COLUMNS["shut_left"]]
    assert shut.max() == 1 and shut.min() > 0.1


@pytest.mark.parametrize(("kind", "side"), [(GestureKind.TURN_LEFT, -1), (GestureKind.TURN_RIGHT, 1)])
def test_a_head_that_is_asked_to_turn_turns_that_way_whichever_way_it_looks(
    kind: GestureKind, side: int
) -> None:
    sounds = tuple(TimedPhoneme("a", start, start + 1.2, Stress.PRIMARY) for start in (0.1, 2.1))
    timeline = SpeechTimeline(4.0, phonemes=sounds)
    for seed in range(10):
        request = replace(SILENT, timeline=timeline, seed=seed)
        turn = plan_performance(request, 60, [Gesture(kind, 0.0, 4.0)]).head.turn
        assert (side * turn[20:80]).min() > 3


def test_the_eyes_stay_on_the_viewer_while_the_head_turns() -> None:
    sounds = tuple(TimedPhoneme("a", start, start + 1.5) for start in range(0, 58, 2))
    timeline = SpeechTimeline(60.0, phonemes=sounds)
    planned = [plan_performance(replace(SILENT, timeline=timeline, seed=seed), 60) for seed in range(8)]
    turns = np.concatenate([each.head.turn for each in planned])
    looks = np.concatenate([each.eyes[:, EYE_COLUMNS["look_x"]] for each in planned])
    assert np.corrcoef(turns, looks)[0, 1] < -0.3
