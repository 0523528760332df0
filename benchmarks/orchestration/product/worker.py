"""Runs a worker with the parts of a real one around the no-op engine: `python -m …product.worker`."""

import asyncio
import signal
from typing import cast

from benchmarks.orchestration.product.engine import SERVICE, SPEC, NoopRunner
from services.chassis.bus.connect import connect_bus
from services.chassis.observability.telemetry import setup_telemetry
from services.chassis.settings import WorkerSettings
from services.chassis.worker.consumer import StageConsumer
from services.chassis.worker.main import run_process
from services.chassis.worker.runner import StageRunner
from services.chassis.worker.status_reporter import StatusReporter
from services.chassis.worker.worker import Worker, new_worker_id


async def work() -> None:
    settings = WorkerSettings.model_validate({})
    setup_telemetry(SERVICE, settings)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    worker_id = new_worker_id(SERVICE)
    bus = await connect_bus(settings, name=worker_id)
    consumer = StageConsumer(
        SPEC.name,
        bus,
        # The consumer calls only what the no-op runner has.
        cast(StageRunner, NoopRunner()),
        StatusReporter(bus, SERVICE, worker_id),
        concurrency=settings.concurrency,
        lease_seconds=settings.lease_seconds,
        drain_seconds=settings.drain_seconds,
    )
    worker = Worker(worker_id, bus, [consumer], {SPEC.name: SPEC}, settings.concurrency)
    await worker.serve(stop)
    await bus.close()


if __name__ == "__main__":
    run_process(work())
