"""Runs synthesis stages: maps the task to the core, and its result to the stage's outputs."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.contracts.timeline import TIMELINE_MEDIA_TYPE, timeline_to_json
from services.chassis.engine_host.pool import EnginePool
from services.chassis.worker.runner import Product, StageResult
from services.tts.synthesize import synthesize_to_file
from services.tts.task_mapping import script_task_from
from services.tts.word_check import with_words_checked


class SynthesisHandler:
    """Handles stages of the TTS service.

    `max_concurrency` is the maximum number of engine processes for one script, `check_words` the seconds of
    a speech whose words are checked by a recogniser.
    """

    task_type = SynthesisTask

    def __init__(self, max_concurrency: int, check_words: float = 0.0) -> None:
        self._max_concurrency, self._check_words = max_concurrency, check_words

    async def run(
        self, engine: EnginePool, task: SynthesisTask, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[StageResult]:
        path = scratch / "speech.wav"
        spoken = await synthesize_to_file(
            engine, script_task_from(task), path, max_concurrency=self._max_concurrency
        )
        if self._check_words:
            spoken = await asyncio.to_thread(with_words_checked, spoken, self._check_words)
        timeline = scratch / "timeline.json"
        timeline.write_bytes(timeline_to_json(spoken.timeline))
        yield StageResult(
            {
                "speech": Product(spoken.path, "audio/wav"),
                "timeline": Product(timeline, TIMELINE_MEDIA_TYPE),
            },
            media_seconds=spoken.timeline.duration,
            checks=spoken.checks,
        )
