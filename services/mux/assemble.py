"""The core of the mux service."""

from collections.abc import AsyncGenerator

from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.pool import EnginePool
from services.mux.engines.protocol import AssembledVideo, Assembly


def assemble(engine: EnginePool, assembly: Assembly) -> AsyncGenerator[Progress | AssembledVideo]:
    """Progress, then the assembled video."""
    return engine.run("assemble", assembly)
