"""A chain in Dramatiq: its own `pipeline`."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import dramatiq

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.finish_line import cross, watched
from benchmarks.orchestration.system import Done, Running, Submit
from benchmarks.orchestration.worker_process import worker


def stage_of(broker: dramatiq.Broker) -> Any:
    @dramatiq.actor(broker=broker)
    def stage(chain_id: str, number: int) -> None:
        if number == STAGES - 1:
            cross(chain_id)

    return stage


def running_actor(stage: Any, module: str) -> Running:
    """With the broker that stands in this module."""

    async def submit(chains: Sequence[str]) -> None:
        for chain_id in chains:
            messages = [
                stage.message_with_options(args=(chain_id, number), pipe_ignore=True)
                for number in range(STAGES)
            ]
            dramatiq.pipeline(messages, broker=stage.broker).run()

    @asynccontextmanager
    async def running(done: Done) -> AsyncGenerator[Submit]:
        with watched(done):
            async with worker("-m", "dramatiq", f"{module}:broker", "--processes", "1", "--threads", "8"):
                yield submit

    return running
