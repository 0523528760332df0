"""When a performance is planned anew."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile  # pyright: ignore[reportMissingTypeStubs]

from services.chassis.engine_api.timeline import Emotion, SpeechTimeline
from services.video.engines.protocol import Piece, Rendering
from services.video.engines.puppet.motion.performance import Performance, plan_performance
from services.video.engines.puppet.motion.performance_cache import MAX_PERFORMANCES, PerformanceCache


@pytest.fixture
def rendering(tmp_path: Path) -> Rendering:
    return Rendering(
        Path("portrait.png"),
        Path("video.mp4"),
        sound(tmp_path / "speech.wav", 0.1),
        SpeechTimeline(1.0),
        piece=Piece(0, 3),
    )


def sound(path: Path, level: float) -> Path:
    soundfile.write(path, np.full(8000, level), 8000)
    return path


class CountingPlanner:
    """Plans performances with a cache, and counts how many it has planned itself."""

    def __init__(self) -> None:
        self._cache = PerformanceCache()
        self.planned = 0

    def performance(self, request: Rendering) -> Performance:
        return self._cache.get(request, lambda: self._plan(request))

    def _plan(self, request: Rendering) -> Performance:
        self.planned += 1
        return plan_performance(request, 60.0)


def test_the_pieces_of_a_scene_share_one_performance(rendering: Rendering, tmp_path: Path) -> None:
    planner = CountingPlanner()
    first = planner.performance(rendering)
    # The files of another stage are copies, in a folder of its own.
    other_file = sound(tmp_path / "copy.wav", 0.1)
    other = replace(
        rendering, piece=Piece(1, 3), speech=other_file, portrait=tmp_path / "p", output=tmp_path / "o"
    )
    assert planner.performance(other) is first
    assert planner.planned == 1


@pytest.mark.parametrize(
    "change",
    [
        {"timeline": SpeechTimeline(0.9)},
        {"timeline": None},
        {"speech": None},
        {"fps": 30.0},
        {"min_seconds": 2.0},
        {"prompt": "nod"},
        {"seed": 1},
        {"emotion": Emotion.SAD},
    ],
)
def test_another_request_is_planned_anew(rendering: Rendering, change: dict[str, Any]) -> None:
    planner = CountingPlanner()
    planner.performance(rendering)
    planner.performance(replace(rendering, **change))
    assert planner.planned == 2


def test_another_speech_under_the_same_name_is_planned_anew(rendering: Rendering) -> None:
    planner = CountingPlanner()
    planner.performance(rendering)
    assert rendering.speech is not None
    sound(rendering.speech, 0.2)
    planner.performance(rendering)
    assert planner.planned == 2


def test_the_last_performances_are_kept_and_no_more(rendering: Rendering) -> None:
    planner = CountingPlanner()
    for seed in range(MAX_PERFORMANCES + 1):
        planner.performance(replace(rendering, seed=seed))
    planner.performance(replace(rendering, seed=MAX_PERFORMANCES))
    planner.performance(replace(rendering, seed=1))
    assert planner.planned == MAX_PERFORMANCES + 1
    planner.performance(replace(rendering, seed=0))
    assert planner.planned == MAX_PERFORMANCES + 2
