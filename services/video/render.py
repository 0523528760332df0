"""Runs `render` and `inspect` on a pool of engine processes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument, LikenessError
from services.video.engines.protocol import InspectedPortrait, Inspection, RenderedVideo, Rendering


async def render(engine: EnginePool, rendering: Rendering) -> AsyncGenerator[Progress | RenderedVideo]:
    """Yields progress, then the rendered video.

    Raises `InvalidArgument` for a piece if the engine's spec does not announce that it renders pieces.
    """
    if rendering.piece is not None and not (await engine.spec()).limits.piece_megapixel_seconds:
        raise InvalidArgument(
            f"The video engine {engine.name!r} renders scenes as a whole only. Leave the piece out."
        )
    async with aclosing(engine.run("render", rendering)) as items:
        async for item in items:
            yield item


async def inspect(engine: EnginePool, inspection: Inspection) -> InspectedPortrait:
    """Returns what the engine sees in the portrait.

    Raises `FaceNotFound` or `MediaUnreadable` if the engine could not render the portrait.
    """
    seen = [item async for item in engine.run("inspect", inspection)]
    if not seen:
        raise LikenessError("The engine did not say what it sees in the portrait.")
    return seen[-1]
