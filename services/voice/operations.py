"""Runs a voice engine's operation for a request: the core of the voice service."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from services.chassis.engine_api.spec import Progress
from services.chassis.engine_api.transcript import Transcript
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument, LikenessError
from services.voice.checks import with_checks
from services.voice.engines.protocol import (
    AlignedSpeech,
    Alignment,
    Conversion,
    ConvertedSpeech,
    Effects,
    InspectedReference,
    Inspection,
    Transcription,
)

Request = Conversion | Effects | Alignment | Transcription
Made = ConvertedSpeech | AlignedSpeech | Transcript
_OPERATIONS = {
    Conversion: ("convert", "convert"),
    Effects: ("effects", "apply"),
    Alignment: ("align", "align"),
    Transcription: ("transcribe", "transcribe"),
}


async def run_operation(engine: EnginePool, request: Request) -> AsyncGenerator[Progress | Made]:
    """Yields progress, then the result with its checks; a transcript has none.

    Raises `InvalidArgument` if the engine's spec does not announce the operation.
    """
    operation, method = _OPERATIONS[type(request)]
    await _check(engine, operation)
    async with aclosing(engine.run(method, request)) as items:
        async for item in items:
            unchecked = isinstance(item, Progress | Transcript)
            yield item if unchecked else await asyncio.to_thread(with_checks, item)


async def inspect_reference(engine: EnginePool, inspection: Inspection) -> InspectedReference:
    """Returns the measurements of a reference. Raises the engine's error if it refuses the reference."""
    await _check(engine, "convert")
    seen = [item async for item in engine.run("inspect", inspection)]
    if not seen:
        raise LikenessError("The engine did not say what it hears in the reference.")
    return seen[-1]


async def _check(engine: EnginePool, operation: str) -> None:
    able = (await engine.spec()).operations or ("convert",)
    if operation not in able:
        raise InvalidArgument(
            f"the voice engine {engine.name} cannot {operation}: it can {' and '.join(able)}"
        )
