"""Runs a floor: an orchestrator in this process, and its worker process."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from benchmarks.orchestration.floors.brokers import open_wire
from benchmarks.orchestration.floors.orchestrator import Orchestrator
from benchmarks.orchestration.floors.store import NoStore, PostgresStore, Store
from benchmarks.orchestration.system import Done, Submit
from benchmarks.orchestration.worker_process import worker


@asynccontextmanager
async def floor(broker: str, done: Done, *, database: bool) -> AsyncGenerator[Submit]:
    """Runs the floor on a broker, with PostgreSQL or without a database."""
    store: Store = await PostgresStore.connect(os.environ["BENCH_POSTGRES_URL"]) if database else NoStore()
    wire = await open_wire(broker)
    try:
        async with (
            Orchestrator(wire, store, done).running() as submit,
            worker("-m", "benchmarks.orchestration.floors.worker", broker),
        ):
            yield submit
    finally:
        await wire.close()
