"""The engine of docs/engines.md works as it is printed there."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.chassis.errors import VoiceUnknown
from services.mux.engines.registry import ENGINES as MUX
from services.tts.engines.protocol import AudioChunk, Speech
from services.tts.engines.registry import ENGINES as TTS
from services.tts.normalization.reader import read_plain
from services.video.engines.registry import ENGINES as VIDEO
from services.voice.engines.registry import ENGINES as VOICE

PAGE = (Path(__file__).parents[3] / "docs/engines.md").read_text()


@pytest.fixture(scope="module")
def engine() -> Any:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)
    return names["HumEngine"]()


def test_it_hums_each_word(engine: Any):
    chunks: list[AudioChunk] = list(engine.synthesize(Speech(read_plain("three short words"), "low")))
    assert [word.text for chunk in chunks for word in chunk.words] == ["three", "short", "words"]
    assert all(np.abs(chunk.samples).max() > 1000 for chunk in chunks)
    assert chunks[-1].words[0].end == pytest.approx(
        sum(len(c.samples) / c.sample_rate for c in chunks), abs=1e-3
    )


def test_it_refuses_a_voice_that_it_does_not_have(engine: Any):
    with pytest.raises(VoiceUnknown, match="low or high"):
        list(engine.synthesize(Speech(read_plain("hello"), "middle")))


def test_the_class_is_as_short_as_the_page_says():
    found = re.search(r"class HumEngine:.*?```", PAGE, re.DOTALL)
    assert found is not None
    lines = [line for line in found[0].splitlines() if line.strip()]
    assert len(lines) <= 32


def test_every_built_in_engine_is_on_the_page():
    listed = set(re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE, re.MULTILINE))
    services = {"tts": TTS, "voice": VOICE, "video": VIDEO, "mux": MUX}
    assert listed == {(entry.name, service) for service, entries in services.items() for entry in entries}
