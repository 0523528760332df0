"""Runs `render` and `inspect` on a pool of engine processes."""

from collections.abc import AsyncGenerator

from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import LikenessError
from services.video.engines.protocol import InspectedPortrait, Inspection, RenderedVideo, Rendering


def render(engine: EnginePool, rendering: Rendering) -> AsyncGenerator[Progress | RenderedVideo]:
    """Yields progress, then the rendered video."""
    return engine.run("render", rendering)


async def inspect(engine: EnginePool, inspection: Inspection) -> InspectedPortrait:
    """Returns what the engine sees in the portrait.

    Raises `FaceNotFound` or `MediaUnreadable` if the engine could not render the portrait.
    """
    seen = [item async for item in engine.run("inspect", inspection)]
    if not seen:
        raise LikenessError("The engine did not say what it sees in the portrait.")
    return seen[-1]
