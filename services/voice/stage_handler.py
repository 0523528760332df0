"""Runs voice stages: maps the task to a request, and the result to the stage's outputs."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from likeness.voice.v1.voice_pb2 import ConversionTask
from services.chassis.contracts.effects import step_from_proto
from services.chassis.contracts.timeline import TIMELINE_MEDIA_TYPE, timeline_from_json, timeline_to_json
from services.chassis.contracts.transcript import TRANSCRIPT_MEDIA_TYPE, transcript_to_json
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_api.timeline import SpeechTimeline
from services.chassis.engine_api.transcript import Transcript
from services.chassis.engine_host.pool import EnginePool
from services.chassis.worker.runner import Product, StageResult, required_input
from services.voice.engines.protocol import AlignedSpeech, Alignment, Conversion, Effects, Transcription
from services.voice.operations import Made, Request, run_operation


class VoiceHandler:
    task_type = ConversionTask

    async def run(
        self, engine: EnginePool, task: ConversionTask, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[Progress | StageResult]:
        async with aclosing(run_operation(engine, request_from(task, inputs, scratch))) as items:
            async for item in items:
                yield item if isinstance(item, Progress) else result_of(item, scratch)


def request_from(task: ConversionTask, inputs: Mapping[str, Path], scratch: Path) -> Request:
    speech = required_input(inputs, "speech")
    output = scratch / "speech.wav"
    timeline = timeline_from_json(inputs["timeline"].read_bytes()) if "timeline" in inputs else None
    match task.WhichOneof("instead"):
        case "alignment":
            return Alignment(speech, task.alignment.transcript, task.alignment.language)
        case "transcription":
            return Transcription(speech, task.transcription.language, task.transcription.prompt)
        case "effects":
            return Effects(speech, output, tuple(map(step_from_proto, task.effects.steps)), timeline)
        case _:
            return Conversion(
                speech=speech,
                timeline=timeline,
                output=output,
                reference=inputs.get("reference"),
                pitch_semitones=task.pitch_semitones,
                formant_scale=task.formant_scale or 1.0,
                strength=task.strength,
            )


def result_of(made: Made, scratch: Path) -> StageResult:
    if isinstance(made, Transcript):
        return StageResult({"transcript": transcript_product(made, scratch)}, made.duration)
    if isinstance(made, AlignedSpeech):
        timeline = timeline_product(made.timeline, scratch)
        return StageResult({"timeline": timeline}, made.timeline.duration, made.checks)
    products = {"speech": Product(made.path, "audio/wav")}
    if made.timeline is not None:
        products["timeline"] = timeline_product(made.timeline, scratch)
    return StageResult(products, media_seconds=made.seconds, checks=made.checks)


def timeline_product(timeline: SpeechTimeline, scratch: Path) -> Product:
    path = scratch / "timeline.json"
    path.write_bytes(timeline_to_json(timeline))
    return Product(path, TIMELINE_MEDIA_TYPE)


def transcript_product(transcript: Transcript, scratch: Path) -> Product:
    path = scratch / "transcript.json"
    path.write_bytes(transcript_to_json(transcript))
    return Product(path, TRANSCRIPT_MEDIA_TYPE)
