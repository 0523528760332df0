"""What the puppet decides on the frames of one piece."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.timeline import SpeechTimeline
from services.video.engines.protocol import Piece, RenderedVideo, Rendering
from services.video.engines.puppet.engine import MIN_PHONEMES_OF_PIECE, PuppetEngine
from services.video.engines.puppet.motion.performance import Performance
from services.video.engines.puppet.prompt.parse import ParsedPrompt
from tests.examples import PORTRAIT
from tests.unit.video.puppet.quality.test_lip_sync import PHONEMES

ROUNDS = 5
ROUND_SECONDS = 1.76
TIMELINE = SpeechTimeline(
    ROUNDS * ROUND_SECONDS,
    phonemes=tuple(
        replace(sound, start=sound.start + ROUND_SECONDS * turn, end=sound.end + ROUND_SECONDS * turn)
        for turn in range(ROUNDS)
        for sound in PHONEMES
    ),
)


class LateLipsEngine(PuppetEngine):
    """Plans lips that are 160 ms late."""

    def _planned(self, request: Rendering, prompt: ParsedPrompt) -> Performance:
        return super()._planned(request, prompt).with_lips_moved(4)


@pytest.fixture(scope="module")
def engine() -> Iterator[PuppetEngine]:
    yield from opened(PuppetEngine())


@pytest.fixture(scope="module")
def late_engine() -> Iterator[PuppetEngine]:
    yield from opened(LateLipsEngine())


def opened(engine: PuppetEngine) -> Iterator[PuppetEngine]:
    engine.open()
    yield engine
    engine.close()


def checks_of(engine: PuppetEngine, folder: Path, piece: Piece | None) -> dict[str, QualityCheck]:
    request = Rendering(PORTRAIT, folder / "video.mp4", timeline=TIMELINE, width=128, height=128, piece=piece)
    *_, rendered = engine.render(request)
    assert isinstance(rendered, RenderedVideo)
    return {check.name: check for check in rendered.checks}


@pytest.mark.parametrize(("count", "measured"), [(1, True), (2, True), (3, False)])
def test_the_lips_of_a_piece_are_measured_if_it_has_enough_sounds(
    engine: PuppetEngine, tmp_path: Path, count: int, measured: bool
) -> None:
    assert (len(TIMELINE.phonemes) // count >= MIN_PHONEMES_OF_PIECE) is measured
    checks = checks_of(engine, tmp_path, Piece(0, count))
    assert ("mouth_offset" in checks) is measured
    assert "frozen" in checks


def test_the_lips_of_a_whole_scene_are_measured(engine: PuppetEngine, tmp_path: Path) -> None:
    assert "mouth_offset" in checks_of(engine, tmp_path, None)


@pytest.mark.parametrize(
    ("piece", "in_time"), [(None, True), (Piece(0, 2), False)], ids=["whole scene", "piece"]
)
def test_late_lips_are_moved_in_a_whole_scene_only(
    late_engine: PuppetEngine, tmp_path: Path, piece: Piece | None, in_time: bool
) -> None:
    """Lips moved in one piece alone would jump where it meets the next."""
    offset = checks_of(late_engine, tmp_path, piece)["mouth_offset"]
    assert offset.passed is in_time
    assert (offset.value > 100) is not in_time
