"""The engine that docs/engines.md prints works, and imports the public API only."""

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from likeness.engine import VoiceUnknown
from likeness.engine.tts import AudioChunk, Speech
from services.mux.engines.registry import ENGINES as MUX
from services.tts.engines.registry import ENGINES as TTS
from services.tts.normalization.normalize import normalize_plain
from services.video.engines.registry import ENGINES as VIDEO
from services.voice.engines.registry import ENGINES as VOICE

PAGE = (Path(__file__).parents[3] / "docs/engines.md").read_text()


@pytest.fixture(scope="module")
def program() -> str:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def engine(program: str) -> Any:
    names: dict[str, Any] = {}
    exec(program, names)
    return names["HumEngine"]()


def test_the_engine_hums_each_word(engine: Any):
    chunks: list[AudioChunk] = list(engine.synthesize(Speech(normalize_plain("three short words"), "low")))
    assert [word.text for chunk in chunks for word in chunk.words] == ["three", "short", "words"]
    assert all(np.abs(chunk.samples).max() > 1000 for chunk in chunks)
    assert chunks[-1].words[0].end == pytest.approx(
        sum(len(c.samples) / c.sample_rate for c in chunks), abs=1e-3
    )


def test_the_engine_refuses_an_unknown_voice(engine: Any):
    with pytest.raises(VoiceUnknown, match="low or high"):
        list(engine.synthesize(Speech(normalize_plain("hello"), "middle")))


def test_the_engine_imports_the_public_api_only(program: str):
    tree = ast.parse(program)
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported == {"collections.abc", "numpy", "likeness.engine", "likeness.engine.tts"}
    assert "services." not in PAGE


def test_every_module_and_class_on_the_page_exists():
    rows = re.findall(r"^\| `(likeness\.engine[.\w]*)` \| (.*) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 5
    for module, holds in rows:
        assert set(re.findall(r"`(\w+)`", holds)) <= set(import_module(module).__all__)


def test_the_class_is_as_short_as_the_page_says():
    found = re.search(r"class HumEngine:.*?```", PAGE, re.DOTALL)
    assert found is not None
    lines = [line for line in found[0].splitlines() if line.strip()]
    assert len(lines) <= 32


def test_every_built_in_engine_is_on_the_page():
    listed = set(re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE, re.MULTILINE))
    services = {"tts": TTS, "voice": VOICE, "video": VIDEO, "mux": MUX}
    assert listed == {(entry.name, service) for service, entries in services.items() for entry in entries}
