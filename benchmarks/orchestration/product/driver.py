"""Runs chains on Likeness: the gateway as its wiring builds it, without the HTTP server, and a worker."""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from benchmarks.orchestration.product.ends import Ends
from benchmarks.orchestration.product.jobs import build_job
from benchmarks.orchestration.system import Done, Submit
from benchmarks.orchestration.worker_process import worker
from services.chassis.observability.gc_tuning import collect_rarely
from services.chassis.observability.telemetry import setup_telemetry
from services.gateway import wiring
from services.gateway.db.migrate import migrate
from services.gateway.kinds import KINDS
from services.gateway.settings import GatewaySettings

NOWHERE = "127.0.0.1:9"
"""An address without a server: the stages here call no other service."""
BATCH = 1_000
"""Number of jobs that `POST /v1/batches` creates at once."""
MODULE = "benchmarks.orchestration.product.worker"


@asynccontextmanager
async def running(done: Done) -> AsyncGenerator[Submit]:
    settings = GatewaySettings.model_validate(
        {
            "database_url": os.environ["BENCH_POSTGRES_URL"],
            "tts_grpc_target": NOWHERE,
            "voice_grpc_target": NOWHERE,
            "video_grpc_target": NOWHERE,
            "bootstrap_api_key": "benchmark",
        }
    )
    setup_telemetry("gateway", settings)
    collect_rarely()
    url = settings.database_url.get_secret_value()
    await asyncio.to_thread(migrate, url)
    async with wiring.running(settings, KINDS, os.abort) as components, Ends.followed(url, done):

        async def submit(chains: Sequence[str]) -> None:
            for start in range(0, len(chains), BATCH):
                await components.jobs.writer.create(
                    [build_job(chain) for chain in chains[start : start + BATCH]]
                )

        async with worker("-m", MODULE):
            yield submit
