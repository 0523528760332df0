"""Runs a mux engine's operation for a request: the core of the mux service."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument
from services.mux.engines.protocol import AssembledAudio, AssembledVideo, Assembly, AudioAssembly

Request = Assembly | AudioAssembly
Assembled = AssembledVideo | AssembledAudio
_OPERATIONS = {Assembly: "assemble", AudioAssembly: "assemble_audio"}


async def assemble(engine: EnginePool, request: Request) -> AsyncGenerator[Progress | Assembled]:
    """Yields progress, then the assembled video or audio.

    Raises `InvalidArgument` if the engine's spec does not announce the operation.
    """
    operation = _OPERATIONS[type(request)]
    operations = (await engine.spec()).operations or ("assemble",)
    if operation not in operations:
        raise InvalidArgument(
            f"The mux engine {engine.name!r} cannot {operation}: it can {' and '.join(operations)}. "
            "Choose another engine."
        )
    async with aclosing(engine.run(operation, request)) as items:
        async for item in items:
            yield item
