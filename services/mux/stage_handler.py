"""How stages enter the mux service."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from likeness.mux.v1.mux_pb2 import AssemblyTask
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_api.video_format import video_format_named
from services.chassis.engine_host.pool import EnginePool
from services.chassis.worker.runner import Product, StageResult, required_input
from services.mux.assemble import assemble
from services.mux.engines.protocol import AssembledVideo, Assembly, SceneMedia


class AssemblyHandler:
    task_type = AssemblyTask

    async def run(
        self, engine: EnginePool, task: AssemblyTask, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[Progress | StageResult]:
        async with aclosing(assemble(engine, assembly_from(task, inputs, scratch))) as items:
            async for item in items:
                yield result_of(item) if isinstance(item, AssembledVideo) else item


def assembly_from(task: AssemblyTask, inputs: Mapping[str, Path], scratch: Path) -> Assembly:
    output_dir = scratch / "outputs"
    output_dir.mkdir()
    return Assembly(
        scenes=tuple(
            SceneMedia(required_input(inputs, f"video.{number}"), inputs.get(f"speech.{number}"))
            for number in range(task.scenes)
        ),
        output_dir=output_dir,
        loudness_lufs=task.loudness_lufs,
        audio_delay_seconds=task.audio_delay_seconds,
        shortest=task.shortest,
        format=video_format_named(task.format),
    )


def result_of(assembled: AssembledVideo) -> StageResult:
    return StageResult(
        {
            "video": Product(assembled.video, assembled.format.media_type),
            "audio": Product(assembled.audio, "audio/mp4"),
            "thumbnail": Product(assembled.thumbnail, "image/jpeg"),
        },
        media_seconds=assembled.seconds,
    )
