"""Runs synthesis stages: maps the task to the core, and its result to the stage's outputs."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.contracts.timeline import TIMELINE_MEDIA_TYPE, timeline_to_json
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.pool import EnginePool
from services.chassis.worker.runner import Product, StageResult, required_input
from services.tts.clone_speaker import clone_speaker
from services.tts.engines.protocol import Cloning
from services.tts.synthesize import synthesize_to_file
from services.tts.task_mapping import script_task_from
from services.tts.word_check import with_words_checked

SPEAKER, REFERENCE = "speaker", "reference"
SPEAKER_MEDIA_TYPE = "application/vnd.likeness.speaker+json"


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
    ) -> AsyncGenerator[Progress | StageResult]:
        stage = self._clone if task.WhichOneof("instead") == "cloning" else self._speak
        async with aclosing(stage(engine, task, inputs, scratch)) as items:
            async for item in items:
                yield item

    async def _clone(
        self, engine: EnginePool, _: SynthesisTask, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[Progress | StageResult]:
        request = Cloning(references_among(inputs), scratch / "speaker.json")
        async with aclosing(clone_speaker(engine, request, scratch)) as items:
            async for item in items:
                if isinstance(item, Progress):
                    yield item
                else:
                    product = Product(item.path, SPEAKER_MEDIA_TYPE)
                    yield StageResult({SPEAKER: product}, item.seconds, item.checks)

    async def _speak(
        self, engine: EnginePool, task: SynthesisTask, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[StageResult]:
        spoken = await synthesize_to_file(
            engine,
            script_task_from(task, inputs.get(SPEAKER)),
            scratch / "speech.wav",
            max_concurrency=self._max_concurrency,
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


def references_among(inputs: Mapping[str, Path]) -> tuple[Path, ...]:
    """Returns the recordings `reference`, `reference.1` and so on, in that order.

    Raises `InvalidArgument` if there is none.
    """
    references = [required_input(inputs, REFERENCE)]
    while f"{REFERENCE}.{len(references)}" in inputs:
        references.append(inputs[f"{REFERENCE}.{len(references)}"])
    return tuple(references)
