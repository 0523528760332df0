"""Runs chains on Procrastinate, a queue in PostgreSQL. `python -m …procrastinate_postgres` is its worker."""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportFunctionMemberAccess=false

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import procrastinate
import uvloop

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.finished_chains import report_finished, watch_finished
from benchmarks.orchestration.system import Done, Submit
from benchmarks.orchestration.worker_process import worker

CONCURRENCY = 20
connector = procrastinate.PsycopgConnector(conninfo=os.environ["BENCH_POSTGRES_URL"], max_size=10)
app = procrastinate.App(connector=connector)


@app.task(name="stage")
async def stage(chain_id: str, number: int) -> None:
    if number == STAGES - 1:
        report_finished(chain_id)
    else:
        await stage.defer_async(chain_id=chain_id, number=number + 1)


@asynccontextmanager
async def running(done: Done) -> AsyncGenerator[Submit]:
    async def submit(chains: Sequence[str]) -> None:
        await stage.batch_defer_async(*({"chain_id": chain_id, "number": 0} for chain_id in chains))

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        with watch_finished(done):
            async with worker("-m", __name__):
                yield submit


async def work() -> None:
    async with app.open_async():
        await app.run_worker_async(concurrency=CONCURRENCY, fetch_job_polling_interval=1.0)


if __name__ == "__main__":
    uvloop.run(work())
