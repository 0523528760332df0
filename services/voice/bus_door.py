"""How stages enter the voice service."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from likeness.voice.v1.voice_pb2 import ConversionTask
from services.chassis.engine import Progress
from services.chassis.engine_host import EnginePool
from services.chassis.stage import Product, StageResult, required_input
from services.chassis.timeline_codec import TIMELINE_MEDIA_TYPE, timeline_from_json, timeline_to_json
from services.voice.convert import convert
from services.voice.engines.protocol import Conversion, ConvertedSpeech


class ConversionDoor:
    task_type = ConversionTask

    async def run(
        self, engine: EnginePool, task: ConversionTask, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[Progress | StageResult]:
        async with aclosing(convert(engine, conversion_from(task, inputs, scratch))) as items:
            async for item in items:
                yield result_of(item, scratch) if isinstance(item, ConvertedSpeech) else item


def conversion_from(task: ConversionTask, inputs: Mapping[str, Path], scratch: Path) -> Conversion:
    return Conversion(
        speech=required_input(inputs, "speech"),
        timeline=timeline_from_json(inputs["timeline"].read_bytes()) if "timeline" in inputs else None,
        output=scratch / "speech.wav",
        reference=inputs.get("reference"),
        pitch_semitones=task.pitch_semitones,
        formant_scale=task.formant_scale or 1.0,
        strength=task.strength,
    )


def result_of(converted: ConvertedSpeech, scratch: Path) -> StageResult:
    products = {"speech": Product(converted.path, "audio/wav")}
    if converted.timeline is not None:
        timeline = scratch / "timeline.json"
        timeline.write_bytes(timeline_to_json(converted.timeline))
        products["timeline"] = Product(timeline, TIMELINE_MEDIA_TYPE)
    return StageResult(products, media_seconds=converted.seconds, checks=converted.checks)
