"""Tests that speech changed by presets is still understood by the recogniser of `benchmarks.media words`."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.media.reading import Reading, read_aloud, word_error_rate
from benchmarks.media.revoice import with_effect
from benchmarks.media.sentences import HARVARD
from benchmarks.media.workbench import Workbench
from services.voice.engines.effects.presets import PRESETS


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_aloud("en-us", HARVARD[:8])


@pytest.mark.parametrize("name", ["chipmunk", "giant"])
def test_most_words_are_understood_with_every_preset(reading: Reading, tmp_path: Path, name: str) -> None:
    preset = next(preset for preset in PRESETS if preset.name == name)
    with ExitStack() as closing:
        changed = with_effect(Workbench(tmp_path, closing), reading, preset)
    assert word_error_rate(changed) < 0.14
