"""Makes a speaker of recordings: the core of the operation `clone`."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from services.chassis.engine_api.quality import QualityCheck, judge
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument, LikenessError
from services.tts.engines.protocol import Cloning, Speaker
from services.tts.synthesize import CLONE, synthesize_to_file
from services.tts.task_mapping import ScriptTask
from services.tts.word_check import LANGUAGE, share_heard

SENTENCE = (
    "A quick rain fell on the garden path, and the children ran home to dry their shoes beside the stove."
)
"""What a new speaker says first, to a recogniser."""
MIN_HEARD = 0.6
"""Share of the words that are heard of nearly every speaker of a clear voice."""


async def clone_speaker(
    engine: EnginePool, request: Cloning, scratch: Path
) -> AsyncGenerator[Progress | Speaker]:
    """Yields progress, then the speaker. To the engine's checks comes `speaker_intelligibility`.

    Raises `InvalidArgument` if the engine's spec does not announce the operation.
    """
    spec = await engine.spec()
    if CLONE not in spec.operations:
        raise InvalidArgument(f"{spec.name} cannot make a voice of recordings.")
    made: Speaker | None = None
    async with aclosing(engine.run(CLONE, request)) as items:
        async for item in items:
            if isinstance(item, Speaker):
                made = item
            else:
                yield item
    if made is None:
        raise LikenessError("The engine has made no speaker.")
    # Its process is free by now, and may be the only one.
    yield replace(made, checks=(*made.checks, *await _intelligibility(engine, made, scratch)))


async def _intelligibility(engine: EnginePool, speaker: Speaker, scratch: Path) -> tuple[QualityCheck, ...]:
    """Returns the check of what a recogniser hears; none for an engine that does not speak its language."""
    voices = (await engine.spec()).voices
    voice = next((each.id for each in voices if each.language.partition("-")[0] == LANGUAGE), None)
    if voice is None:
        return ()
    task = ScriptTask(SENTENCE, voice, speaker=speaker.path)
    spoken = await synthesize_to_file(engine, task, scratch / "sample.wav", max_concurrency=1)
    share = await asyncio.to_thread(share_heard, spoken)
    seen = f"A recogniser hears {share:.0%} of the words that the voice says."
    return (judge("speaker_intelligibility", share, lower=MIN_HEARD, seen=seen),)
