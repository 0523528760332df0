"""Which classes the mux service is made of."""

from services.chassis.engine_host.registry import EngineRegistry
from services.chassis.worker.service import GrpcDoor, WorkerService
from services.mux.engines.registry import ENGINES
from services.mux.grpc_service import add_mux_servicer
from services.mux.settings import MuxSettings
from services.mux.stage_handler import AssemblyDoor


def build_service(settings: MuxSettings) -> WorkerService:
    return WorkerService(
        name="mux",
        settings=settings,
        engines=EngineRegistry("mux", ENGINES),
        stage_door=AssemblyDoor(),
        grpc_door=GrpcDoor("likeness.mux.v1.MuxService", add_mux_servicer),
    )
