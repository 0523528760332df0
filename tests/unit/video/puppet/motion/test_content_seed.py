"""What a video is made of decides when it blinks."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.chassis.engine_api.timeline import SpeechTimeline
from services.video.engines.protocol import Piece, Rendering
from services.video.engines.puppet.motion.content_seed import content_seed


@pytest.fixture
def rendering(tmp_path: Path) -> Rendering:
    portrait, speech = tmp_path / "portrait.png", tmp_path / "speech.wav"
    portrait.write_bytes(b"a face")
    speech.write_bytes(b"a sentence")
    return Rendering(portrait, tmp_path / "video.mp4", speech, SpeechTimeline(1.0))


@pytest.mark.parametrize(
    "change",
    [{"piece": Piece(1, 3)}, {"width": 512, "height": 512}, {"output": Path("other.mp4")}, {"fps": 50.0}],
)
def test_pieces_and_exports_of_a_video_share_its_seed(rendering: Rendering, change: dict[str, Any]) -> None:
    assert content_seed(replace(rendering, **change)) == content_seed(rendering)


def test_copies_of_the_files_give_the_same_seed(rendering: Rendering, tmp_path: Path) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes(rendering.portrait.read_bytes())
    assert content_seed(replace(rendering, portrait=copy)) == content_seed(rendering)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"prompt": "nod"},
        {"timeline": SpeechTimeline(0.9)},
        {"speech": None},
        {"min_seconds": 2.0},
    ],
)
def test_another_request_gives_another_seed(rendering: Rendering, change: dict[str, Any]) -> None:
    assert content_seed(replace(rendering, **change)) != content_seed(rendering)


@pytest.mark.parametrize("name", ["portrait.png", "speech.wav"])
def test_other_content_under_the_same_name_gives_another_seed(
    rendering: Rendering, tmp_path: Path, name: str
) -> None:
    before = content_seed(rendering)
    (tmp_path / name).write_bytes(b"another")
    assert content_seed(rendering) != before
    assert 0 <= before < 2**63
