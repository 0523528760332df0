"""A worker service, assembled from bus, store, engines, worker, gRPC and health."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from grpc import aio

from likeness.jobs.v1.engines_pb2_grpc import add_EngineServiceServicer_to_server
from services.chassis.aio import cancel_and_wait, gather_all
from services.chassis.bus.connect import connect_bus
from services.chassis.bus.protocol import Bus
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.pool import EnginePool
from services.chassis.engine_host.registry import EngineRegistry
from services.chassis.errors import EngineUnavailable, LikenessError, Reason
from services.chassis.grpc.server import EngineServicer, GrpcServer
from services.chassis.observability.health import build_health_server
from services.chassis.observability.telemetry import setup_telemetry
from services.chassis.settings import WorkerSettings
from services.chassis.storage import ObjectStore
from services.chassis.worker.consumer import StageConsumer
from services.chassis.worker.main import end_process, run_process
from services.chassis.worker.runner import StageHandler, StageRunner
from services.chassis.worker.scratch import scratch_folder
from services.chassis.worker.status_reporter import StatusReporter
from services.chassis.worker.warming import warm_up
from services.chassis.worker.worker import Worker, new_worker_id

log = structlog.get_logger()

ENGINE_SERVICE = "likeness.jobs.v1.EngineService"


@dataclass(frozen=True, slots=True)
class GrpcService:
    """A gRPC service: `name` is its full name, `add` adds it to the server."""

    name: str
    add: Callable[[StageRunner, ObjectStore, aio.Server], None]


@dataclass(frozen=True, slots=True)
class WorkerService:
    """The parts of a worker service.

    `spare_hosts` engine processes are kept free of stages, for interactive gRPC calls. What only the first
    stages need is loaded `warm_after_seconds` after the start: services that start side by side have
    different ones, so that they do not take all processors at once.
    """

    name: str
    settings: WorkerSettings
    engines: EngineRegistry
    stage_handler: StageHandler
    grpc_service: GrpcService
    spare_hosts: int = 0
    warm_after_seconds: float = 5.0

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT, then drains. Raises `LikenessError` if it cannot start."""
        setup_telemetry(self.name, self.settings)
        stop = asyncio.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
        async with AsyncExitStack() as stack:
            await self._serve(stack, stop)
        log.info("service.stopped")

    async def _serve(self, stack: AsyncExitStack, stop: asyncio.Event) -> None:
        settings = self.settings
        worker_id = new_worker_id(self.name)
        bus = await connect_bus(settings, name=worker_id)
        stack.push_async_callback(bus.close)
        store = ObjectStore.from_settings(settings)
        scratch = stack.enter_context(scratch_folder(settings.scratch_dir, self.name))
        pools, specs = await self._open_engines(stack, _child_settings(settings, scratch))
        runner = StageRunner(self.name, pools, store, self.stage_handler, scratch=scratch)
        await self._start_grpc(stack, runner, store, specs.values())
        await stack.enter_async_context(self._health(bus, store))
        worker = Worker(
            worker_id=worker_id,
            bus=bus,
            consumers=self._build_consumers(bus, runner, StatusReporter(bus, self.name, worker_id), specs),
            specs=specs,
            concurrency=settings.concurrency,
        )
        warming = asyncio.create_task(warm_up(store, pools.values(), self.warm_after_seconds))
        stack.push_async_callback(cancel_and_wait, [warming])
        log.info("service.started", worker_id=worker_id, engines=sorted(specs))
        await worker.serve(stop)

    async def _open_engines(
        self, stack: AsyncExitStack, children: ChildSettings
    ) -> tuple[dict[str, EnginePool], dict[str, EngineSpec]]:
        """Opens one host of each engine, all at once, and returns the engines that open.

        Raises `EngineUnavailable` if none does.
        """
        size = self.settings.concurrency + self.spare_hosts
        entries = self.engines.select(self.settings.engines)
        offered = [EnginePool(entry, children, size=size) for entry in entries]
        stack.push_async_callback(_close_all, offered)
        opened = await gather_all(_spec_of(pool) for pool in offered)
        specs = {pool.name: spec for pool, spec in zip(offered, opened, strict=True) if spec is not None}
        if not specs:
            raise EngineUnavailable(f"No engine of the {self.name} service could be opened: see the log.")
        return {pool.name: pool for pool in offered if pool.name in specs}, specs

    async def _start_grpc(
        self, stack: AsyncExitStack, runner: StageRunner, store: ObjectStore, specs: Iterable[EngineSpec]
    ) -> None:
        server = GrpcServer(self.settings)
        self.grpc_service.add(runner, store, server.server)
        add_EngineServiceServicer_to_server(EngineServicer(specs), server.server)
        await server.start((self.grpc_service.name, ENGINE_SERVICE))
        stack.push_async_callback(server.stop)

    def _build_consumers(
        self, bus: Bus, runner: StageRunner, reporter: StatusReporter, specs: Iterable[str]
    ) -> list[StageConsumer]:
        return [
            StageConsumer(
                engine,
                bus,
                runner,
                reporter,
                concurrency=self.settings.concurrency,
                lease_seconds=self.settings.lease_seconds,
                drain_seconds=self.settings.drain_seconds,
            )
            for engine in specs
        ]

    @asynccontextmanager
    async def _health(self, bus: Bus, store: ObjectStore) -> AsyncGenerator[None]:
        checks = {"bus": bus.check, "store": store.check}
        server = build_health_server(
            self.settings.host, self.settings.http_port, checks, socket=self.settings.http_socket
        )
        serving = asyncio.create_task(server.serve())
        try:
            yield
        finally:
            await cancel_and_wait([serving])
            server.close()


def serve(service: WorkerService) -> None:
    """Runs the process of a service; exits with status 1 and the reason if it cannot start."""
    try:
        run_process(service.run())
    except LikenessError as error:
        sys.exit(f"The {service.name} service cannot start: {error.message}")
    end_process(0)


def _child_settings(settings: WorkerSettings, scratch: Path) -> ChildSettings:
    names = (name.strip() for name in settings.engine_variables.split(","))
    return ChildSettings(
        scratch=scratch,
        readable=_folders(settings.engine_folders),
        writable=_folders(settings.engine_writable_folders),
        memory_mb=settings.engine_memory_mb,
        variables=frozenset(name for name in names if name),
        network=settings.engine_network,
    )


def _folders(names: str) -> tuple[Path, ...]:
    return tuple(Path(name) for name in names.split(os.pathsep) if name)


async def _close_all(pools: Iterable[EnginePool]) -> None:
    await gather_all(pool.close() for pool in pools)


def is_expected(error: LikenessError, *, optional: bool) -> bool:
    """Tells whether an engine that does not open is nothing to mend: an optional one without its module or
    model."""
    return optional and error.reason is Reason.ENGINE_UNAVAILABLE


async def _spec_of(pool: EnginePool) -> EngineSpec | None:
    """Returns the engine's spec, `None` if the engine cannot be opened."""
    try:
        return await pool.spec()
    except LikenessError as error:
        tell = log.info if is_expected(error, optional=pool.optional) else log.error
        tell("engine.unavailable", engine=pool.name, reason=error.reason, error=error.message)
        return None
