"""Handler of the video service's stages."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from likeness.video.v1.video_pb2 import RenderingTask
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.pool import EnginePool
from services.chassis.worker.runner import Product, StageResult
from services.video.engines.protocol import RenderedVideo
from services.video.render import render
from services.video.task_mapping import rendering_from


class RenderingHandler:
    """Runs rendering tasks on an engine and yields their progress and result."""

    task_type = RenderingTask

    async def run(
        self, engine: EnginePool, task: RenderingTask, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[Progress | StageResult]:
        async with aclosing(render(engine, rendering_from(task, inputs, scratch))) as items:
            async for item in items:
                yield result_of(item) if isinstance(item, RenderedVideo) else item


def result_of(rendered: RenderedVideo) -> StageResult:
    video = Product(rendered.path, rendered.format.media_type)
    return StageResult({"video": video}, media_seconds=rendered.seconds, checks=rendered.checks)
