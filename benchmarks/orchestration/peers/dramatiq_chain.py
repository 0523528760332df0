"""Builds chains in Dramatiq with its own `pipeline`."""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import dramatiq

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.finished_chains import report_finished, watch_finished
from benchmarks.orchestration.system import Done, Running, Submit
from benchmarks.orchestration.worker_process import worker


def stage_of(broker: dramatiq.Broker) -> Any:
    """Returns the actor of a stage, declared on the broker."""

    @dramatiq.actor(broker=broker)
    def stage(chain_id: str, number: int) -> None:
        if number == STAGES - 1:
            report_finished(chain_id)

    return stage


def running_actor(stage: Any, module: str) -> Running:
    """Returns the contender whose worker imports `broker` from the module."""

    async def submit(chains: Sequence[str]) -> None:
        for chain_id in chains:
            messages = [
                stage.message_with_options(args=(chain_id, number), pipe_ignore=True)
                for number in range(STAGES)
            ]
            dramatiq.pipeline(messages, broker=stage.broker).run()

    @asynccontextmanager
    async def running(done: Done) -> AsyncGenerator[Submit]:
        with watch_finished(done):
            async with worker("-m", "dramatiq", f"{module}:broker", "--processes", "1", "--threads", "8"):
                yield submit

    return running
