"""Runs banner stages: maps the task to a request, and the result to the stage's output."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from toy.banner.v1.banner_pb2 import BannerTask

from services.chassis.engine_host.pool import EnginePool
from services.chassis.worker.runner import Product, StageResult
from toy_banner.engines.protocol import Banner


class BannerHandler:
    task_type = BannerTask

    async def run(
        self, engine: EnginePool, task: BannerTask, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[StageResult]:
        request = Banner(task.text, task.colour, scratch / "banner.svg")
        async with aclosing(engine.run("draw", request)) as paths:
            async for path in paths:
                yield StageResult({"banner": Product(path, "image/svg+xml")})
