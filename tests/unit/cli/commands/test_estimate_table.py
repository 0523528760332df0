"""What `likeness render --dry-run` prints."""

from typing import Any

import pytest

from services.cli.commands.estimate_table import print_estimate, summary_of

STAGE = {
    "name": "scene-0/tts",
    "service": "tts",
    "engine": "espeak",
    "cache": "hit",
    "unit": "character",
    "quantity": 12.0,
    "run_seconds": 0.0,
}
MUX = {"name": "mux", "cache": "miss", "unit": "second_of_video", "run_seconds": None}
ESTIMATE: dict[str, Any] = {
    "stages": [STAGE, {**STAGE, **MUX}],
    "stages_to_run": 1,
    "eta_seconds": 2.5,
    "warnings": [{"message": "A word means nothing."}],
}


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({"stages_to_run": 0, "eta_seconds": 0.0}, "Nothing would run: the whole video is known."),
        ({}, "1 of 2 stages would run; the video would be there in 2.5 s. Nothing was made."),
        (
            {"eta_seconds": None},
            "1 of 2 stages would run. How long they take is not known yet: an engine has never run here.",
        ),
    ],
)
def test_the_summary(changes: dict[str, Any], summary: str):
    assert summary_of({**ESTIMATE, **changes}) == summary


def test_the_table(capsys: pytest.CaptureFixture[str]):
    print_estimate(ESTIMATE, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["scene-0/tts", "tts/espeak", "no", "12", "characters", "0.0"]
    assert lines[2].split() == ["mux", "tts/espeak", "yes", "12", "s", "of", "video", "?"]
    assert lines[-1] == "warning: A word means nothing."
