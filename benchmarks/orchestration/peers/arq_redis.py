"""Runs chains on arq with Redis, polling as often as helps. `python -m …arq_redis` is its worker."""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvloop
from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import Worker, func

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.finished_chains import report_finished, watch_finished
from benchmarks.orchestration.system import Done, Submit
from benchmarks.orchestration.worker_process import worker

CONCURRENCY = 100
POLL_SECONDS = 0.01


def redis() -> RedisSettings:
    return RedisSettings.from_dsn(os.environ["BENCH_REDIS_URL"])


async def stage(context: Any, chain_id: str, number: int) -> None:
    if number == STAGES - 1:
        report_finished(chain_id)
    else:
        await context["redis"].enqueue_job("stage", chain_id, number + 1)


@asynccontextmanager
async def running(done: Done) -> AsyncGenerator[Submit]:
    pool = await create_pool(redis())

    async def submit(chains: Sequence[str]) -> None:
        await asyncio.gather(*(pool.enqueue_job("stage", chain_id, 0) for chain_id in chains))

    try:
        with watch_finished(done):
            async with worker("-m", __name__):
                yield submit
    finally:
        await pool.aclose()


async def work() -> None:
    named = [func(stage, name="stage", keep_result=0)]
    await Worker(
        named, redis_settings=redis(), max_jobs=CONCURRENCY, poll_delay=POLL_SECONDS, log_results=False
    ).async_run()


if __name__ == "__main__":
    uvloop.run(work())
