"""Composes the mux service of its concrete classes."""

from services.chassis.engine_host.registry import EngineRegistry
from services.chassis.worker.service import GrpcService, WorkerService
from services.mux.engines.registry import ENGINES
from services.mux.grpc_service import add_mux_servicer
from services.mux.settings import MuxSettings
from services.mux.stage_handler import AssemblyHandler


def build_service(settings: MuxSettings) -> WorkerService:
    return WorkerService(
        name="mux",
        settings=settings,
        engines=EngineRegistry("mux", ENGINES),
        stage_handler=AssemblyHandler(),
        grpc_service=GrpcService("likeness.mux.v1.MuxService", add_mux_servicer),
        warm_after_seconds=13.0,
    )
