"""Builds chains in TaskIQ, in which each stage enqueues the next."""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportFunctionMemberAccess=false

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from taskiq import AsyncBroker

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.finished_chains import report_finished, watch_finished
from benchmarks.orchestration.system import Done, Running, Submit
from benchmarks.orchestration.worker_process import worker


def stage_of(broker: AsyncBroker) -> Any:
    """Returns the task of a stage, declared on the broker."""

    @broker.task(task_name="stage")
    async def stage(chain_id: str, number: int) -> None:
        if number == STAGES - 1:
            report_finished(chain_id)
        else:
            await stage.kiq(chain_id, number + 1)

    return stage


def running_broker(broker: AsyncBroker, stage: Any, module: str) -> Running:
    """Returns the contender whose worker imports `broker` from the module."""

    @asynccontextmanager
    async def running(done: Done) -> AsyncGenerator[Submit]:
        async def submit(chains: Sequence[str]) -> None:
            await asyncio.gather(*(stage.kiq(chain_id, 0) for chain_id in chains))

        arguments = ("--workers", "1", "--max-async-tasks", "100", "--log-level", "WARNING")
        await broker.startup()
        try:
            with watch_finished(done):
                async with worker("-m", "taskiq", "worker", f"{module}:broker", *arguments):
                    yield submit
        finally:
            await broker.shutdown()

    return running
