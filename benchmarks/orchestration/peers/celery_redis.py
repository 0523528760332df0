"""Runs chains on Celery with Redis: its own `chain`, late acknowledgement, no results."""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportFunctionMemberAccess=false

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from celery import Celery, chain

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.finished_chains import report_finished, watch_finished
from benchmarks.orchestration.system import Done, Running, Submit
from benchmarks.orchestration.worker_process import worker

app = Celery("bench", broker=os.environ["BENCH_REDIS_URL"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=64,
    worker_send_task_events=False,
    broker_pool_limit=4,
)


@app.task
def stage(chain_id: str, number: int) -> None:
    if number == STAGES - 1:
        report_finished(chain_id)


def running_app(module: str) -> Running:
    """Returns the contender whose worker runs the Celery application of the module."""

    @asynccontextmanager
    async def running(done: Done) -> AsyncGenerator[Submit]:
        arguments = ("worker", "--pool=prefork", "--concurrency=2", "--loglevel=warning")
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        with watch_finished(done):
            async with worker("-m", "celery", "-A", module, *arguments, *quiet):
                yield submit

    return running


async def submit(chains: Sequence[str]) -> None:
    for chain_id in chains:
        chain(stage.si(chain_id, number) for number in range(STAGES)).apply_async()


running = running_app(__name__)
