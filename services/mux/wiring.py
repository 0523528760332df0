"""Which classes the mux service is made of."""

from services.chassis.registry import EngineRegistry
from services.chassis.service import GrpcDoor, WorkerService
from services.mux.bus_door import AssemblyDoor
from services.mux.engines.registry import ENGINES
from services.mux.grpc_door import add_mux_servicer
from services.mux.settings import MuxSettings


def build_service(settings: MuxSettings) -> WorkerService:
    return WorkerService(
        name="mux",
        settings=settings,
        engines=EngineRegistry("mux", ENGINES),
        stage_door=AssemblyDoor(),
        grpc_door=GrpcDoor("likeness.mux.v1.MuxService", add_mux_servicer),
    )
