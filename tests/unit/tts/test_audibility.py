"""Tests that an inspection refuses exactly the scripts that give no sound."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from services.chassis.engine_api.entry import EngineEntry
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument
from services.chassis.speech.loudness import BLOCK_SECONDS, integrated_loudness
from services.tts.engines.registry import ENGINES
from services.tts.script.lexicon import pronunciation
from services.tts.synthesize import inspect, synthesize
from services.tts.task_mapping import ScriptTask
from tests.odd_scripts import ODD_SCRIPTS, OddScript

QUIETEST_LUFS = -60.0
"""What is softer counts as silence when a job is mastered."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def espeak(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[EnginePool]:
    entry = next(entry for entry in ENGINES if entry.name == "espeak")
    pool = EnginePool(entry, ChildSettings(tmp_path_factory.mktemp("engines")), size=1)
    yield pool
    await pool.close()


async def measured_lufs(pool: EnginePool, task: ScriptTask) -> float:
    """Returns the loudness of the speech; raises what the synthesis raises."""
    async with aclosing(synthesize(pool, task)) as chunks:
        found = [chunk async for chunk in chunks]
    samples = np.concatenate([chunk.samples for chunk in found]) / 32768
    rate = found[0].sample_rate
    return integrated_loudness(np.pad(samples, round(BLOCK_SECONDS * rate)), rate)


@pytest.mark.parametrize("script", ODD_SCRIPTS, ids=str)
async def test_a_script_is_either_refused_or_heard(espeak: EnginePool, script: OddScript) -> None:
    task = ScriptTask(script.text, script.voice, ssml=script.ssml)
    if script.sayable:
        await inspect(espeak, task)
        assert await measured_lufs(espeak, task) > QUIETEST_LUFS
        return
    with pytest.raises(InvalidArgument):
        await inspect(espeak, task)
    with pytest.raises(InvalidArgument):
        await measured_lufs(espeak, task)


async def test_the_lexicon_decides_what_is_said(espeak: EnginePool) -> None:
    mute = pronunciation("hush", respelling="...")
    for text, lexicon, sayable in (
        ("Hush", (mute,), False),
        ("Hush, child", (mute,), True),
        ("...", (pronunciation("...", respelling="dots"),), True),
        ("Hello there", (pronunciation("there", ipa="ʘ"),), False),
    ):
        task = ScriptTask(text, "en-us", lexicon=lexicon)
        if sayable:
            assert await inspect(espeak, task)
        else:
            with pytest.raises(InvalidArgument):
                await inspect(espeak, task)


async def test_words_are_not_spoken_to_find_out(tmp_path: Path) -> None:
    """Checks that a script of words is accepted without being spoken."""
    silent = EnginePool(
        EngineEntry("mute", "tests.unit.tts.mute_engine:MuteEngine"), ChildSettings(tmp_path), size=1
    )
    try:
        for script in ("Some words.", "4711", "50 %"):
            assert await inspect(silent, ScriptTask(script, "only"))
        with pytest.raises(InvalidArgument):
            await inspect(silent, ScriptTask("...", "only"))
        with pytest.raises(InvalidArgument):
            await measured_lufs(silent, ScriptTask("Some words.", "only"))
    finally:
        await silent.close()
