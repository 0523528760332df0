"""Runs assembly stages: maps the task to a request, and the result to the stage's outputs."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from likeness.mux.v1 import mux_pb2
from likeness.mux.v1.mux_pb2 import AssemblyTask
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_api.video_format import video_format_named
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument
from services.chassis.worker.runner import Product, StageResult, required_input
from services.mux.assemble import Assembled, Request, assemble
from services.mux.engines.protocol import (
    AssembledAudio,
    AssembledVideo,
    Assembly,
    AudioAssembly,
    AudioFormat,
    SceneMedia,
)

_AUDIO_FORMATS = {
    mux_pb2.AUDIO_FORMAT_MP3: AudioFormat.MP3,
    mux_pb2.AUDIO_FORMAT_M4A: AudioFormat.M4A,
    mux_pb2.AUDIO_FORMAT_WAV: AudioFormat.WAV,
    mux_pb2.AUDIO_FORMAT_OPUS: AudioFormat.OPUS,
    mux_pb2.AUDIO_FORMAT_FLAC: AudioFormat.FLAC,
}


class AssemblyHandler:
    task_type = AssemblyTask

    async def run(
        self, engine: EnginePool, task: AssemblyTask, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[Progress | StageResult]:
        async with aclosing(assemble(engine, request_from(task, inputs, scratch))) as items:
            async for item in items:
                yield item if isinstance(item, Progress) else result_of(item)


def request_from(task: AssemblyTask, inputs: Mapping[str, Path], scratch: Path) -> Request:
    """Returns a request for audio if the task has an audio format, otherwise for video.

    Raises `InvalidArgument` for an input that is missing and a format that is unknown.
    """
    output_dir = scratch / "outputs"
    output_dir.mkdir()
    if task.audio_format:
        return audio_assembly_from(task, inputs, output_dir)
    return assembly_from(task, inputs, output_dir)


def assembly_from(task: AssemblyTask, inputs: Mapping[str, Path], output_dir: Path) -> Assembly:
    return Assembly(
        scenes=tuple(
            SceneMedia(_parts(inputs, number, count), inputs.get(f"speech.{number}"))
            for number, count in enumerate(_part_counts(task))
        ),
        output_dir=output_dir,
        loudness_lufs=task.loudness_lufs,
        audio_delay_seconds=task.audio_delay_seconds,
        shortest=task.shortest,
        format=video_format_named(task.format),
    )


def _part_counts(task: AssemblyTask) -> list[int]:
    counts = list(task.parts) or [1] * task.scenes
    if len(counts) != task.scenes or 0 in counts:
        raise InvalidArgument(
            f"The parts {counts} do not fit {task.scenes} scenes: give each scene's number of parts, "
            "at least 1, or none at all."
        )
    return counts


def _parts(inputs: Mapping[str, Path], scene: int, count: int) -> tuple[Path, ...]:
    if count == 1:
        return (required_input(inputs, f"video.{scene}"),)
    return tuple(required_input(inputs, f"video.{scene}.{part}") for part in range(count))


def audio_assembly_from(task: AssemblyTask, inputs: Mapping[str, Path], output_dir: Path) -> AudioAssembly:
    return AudioAssembly(
        speeches=tuple(_speech(inputs, number) for number in range(task.scenes)),
        output_dir=output_dir,
        format=_audio_format(task),
        loudness_lufs=task.loudness_lufs,
        gap_seconds=task.gap_seconds,
    )


def _speech(inputs: Mapping[str, Path], number: int) -> Path:
    name = f"speech.{number}"
    if name not in inputs:
        raise InvalidArgument(
            f"Scene {number + 1} has no speech: the stage lacks its input {name!r}. "
            "Give every scene of an audio file its speech, or leave that scene out."
        )
    return inputs[name]


def _audio_format(task: AssemblyTask) -> AudioFormat:
    # Enums of proto3 are open: a gateway newer than this worker may send a number that is unknown here.
    try:
        return _AUDIO_FORMATS[task.audio_format]
    except KeyError:
        known = ", ".join(AudioFormat)
        raise InvalidArgument(
            f"This mux worker does not know audio format number {task.audio_format}. "
            f"Choose from {known}, or upgrade the worker."
        ) from None


def result_of(assembled: Assembled) -> StageResult:
    if isinstance(assembled, AssembledAudio):
        audio = Product(assembled.audio, assembled.format.media_type)
        return StageResult({"audio": audio}, media_seconds=assembled.seconds)
    return video_result_of(assembled)


def video_result_of(assembled: AssembledVideo) -> StageResult:
    return StageResult(
        {
            "video": Product(assembled.video, assembled.format.media_type),
            "audio": Product(assembled.audio, "audio/mp4"),
            "thumbnail": Product(assembled.thumbnail, "image/jpeg"),
        },
        media_seconds=assembled.seconds,
    )
