"""Runs chains on SAQ with Redis. `python -m …saq_redis` is its worker."""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvloop
from saq import Queue, Worker

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.finished_chains import report_finished, watch_finished
from benchmarks.orchestration.system import Done, Submit
from benchmarks.orchestration.worker_process import worker

CONCURRENCY = 50


def connect() -> Queue:
    return Queue.from_url(os.environ["BENCH_REDIS_URL"])


async def stage(context: Any, *, chain_id: str, number: int) -> None:
    if number == STAGES - 1:
        report_finished(chain_id)
    else:
        await context["worker"].queue.enqueue("stage", chain_id=chain_id, number=number + 1)


@asynccontextmanager
async def running(done: Done) -> AsyncGenerator[Submit]:
    queue = connect()

    async def submit(chains: Sequence[str]) -> None:
        await asyncio.gather(*(queue.enqueue("stage", chain_id=chain_id, number=0) for chain_id in chains))

    await queue.connect()
    try:
        with watch_finished(done):
            async with worker("-m", __name__):
                yield submit
    finally:
        await queue.disconnect()


async def work() -> None:
    await Worker(connect(), [("stage", stage)], concurrency=CONCURRENCY).start()


if __name__ == "__main__":
    uvloop.run(work())
