"""A chain in TaskIQ: each stage asks for the next."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from taskiq import AsyncBroker

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.finish_line import cross, watched
from benchmarks.orchestration.system import Done, Running, Submit
from benchmarks.orchestration.worker_process import worker


def stage_of(broker: AsyncBroker) -> Any:
    @broker.task(task_name="stage")
    async def stage(chain_id: str, number: int) -> None:
        if number == STAGES - 1:
            cross(chain_id)
        else:
            await stage.kiq(chain_id, number + 1)

    return stage


def running_broker(broker: AsyncBroker, stage: Any, module: str) -> Running:
    """With the broker that stands in this module."""

    @asynccontextmanager
    async def running(done: Done) -> AsyncGenerator[Submit]:
        async def submit(chains: Sequence[str]) -> None:
            await asyncio.gather(*(stage.kiq(chain_id, 0) for chain_id in chains))

        arguments = ("--workers", "1", "--max-async-tasks", "100", "--log-level", "WARNING")
        await broker.startup()
        try:
            with watched(done):
                async with worker("-m", "taskiq", "worker", f"{module}:broker", *arguments):
                    yield submit
        finally:
            await broker.shutdown()

    return running
