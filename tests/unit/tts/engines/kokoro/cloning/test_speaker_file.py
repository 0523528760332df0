"""Tests the files of speakers: what is written is read, and anything else is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.chassis.errors import InvalidArgument
from services.tts.engines.kokoro.cloning.speaker_file import KokoroSpeaker, read_speaker, write_speaker

SPEAKER = KokoroSpeaker(
    style=tuple(np.linspace(-1, 1, 256).round(6).tolist()),
    semitones=-2.5,
    decibels=3.25,
    gain=tuple(np.linspace(-12, 12, 21).round(6).tolist()),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_speaker(SPEAKER, tmp_path / "speaker.json")
    return tmp_path / "speaker.json"


def test_a_speaker_is_read_as_it_was_written(path: Path) -> None:
    assert read_speaker(path) == SPEAKER


def test_its_timbre_is_the_same_for_every_length() -> None:
    timbre = SPEAKER.timbre()
    assert timbre.styles.shape == (510, 1, 256)
    assert np.array_equal(timbre.styles[0], timbre.styles[509])
    assert timbre.pitch_factor == pytest.approx(2 ** (-2.5 / 12))
    assert timbre.equaliser is not None
    assert KokoroSpeaker(SPEAKER.style).timbre().equaliser is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"[1, 2]", b"[" * 60_000, b'{"format": "likeness'])
def test_what_is_no_speaker_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(InvalidArgument, match=r"damaged.* Make the voice again from its recordings\."):
        read_speaker(path)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("format", "likeness.xtts.speaker", "not made by kokoro"),
        ("format", None, "not made by kokoro"),
        ("version", 2, "has version 2, and kokoro reads version 1"),
        ("style", [0.0] * 255, "its style has to be 256 numbers from -10 to 10"),
        ("style", [0.0] * 255 + ["x"], "its style has to be"),
        ("style", [0.0] * 255 + [1e9], "its style has to be"),
        ("style", 1.0, "its style has to be"),
        ("semitones", float("nan"), "its semitones has to be a number from -12 to 12"),
        ("semitones", [1.0], "its semitones has to be"),
        ("semitones", True, "its semitones has to be"),
        ("decibels", 1e6, "its decibels has to be"),
        ("gain", [13.0] * 21, "its gain has to be 21 numbers from -12 to 12"),
        ("gain", None, "its gain has to be"),
    ],
)
def test_a_damaged_or_foreign_speaker_is_refused(path: Path, field: str, value: Any, message: str) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(InvalidArgument, match=message):
        read_speaker(path)
