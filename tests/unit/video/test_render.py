from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

import pytest

from services.chassis.engine_api.spec import EngineLimits, EngineSpec
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import Piece, Rendering
from services.video.render import render

WHOLE = Rendering(Path("portrait.png"), Path("video.mp4"))
PIECE = Rendering(Path("portrait.png"), Path("video.mp4"), piece=Piece(0, 2))


class FakePool:
    """Replaces an `EnginePool`; yields the operation's name."""

    name = "fake"

    def __init__(self, piece_megapixel_seconds: float) -> None:
        self._limits = EngineLimits(piece_megapixel_seconds=piece_megapixel_seconds)

    async def spec(self) -> EngineSpec:
        return EngineSpec("video", "fake", "1", limits=self._limits)

    async def run(self, operation: str, request: Any) -> AsyncGenerator[Any]:
        yield operation


async def operations_run(rendering: Rendering, piece_megapixel_seconds: float) -> list[Any]:
    pool = cast(EnginePool, FakePool(piece_megapixel_seconds))
    return [item async for item in render(pool, rendering)]


@pytest.mark.parametrize(("rendering", "limit"), [(WHOLE, 0.0), (WHOLE, 6.0), (PIECE, 6.0)])
async def test_whole_scenes_and_announced_pieces_are_rendered(rendering: Rendering, limit: float) -> None:
    assert await operations_run(rendering, limit) == ["render"]


async def test_a_piece_is_refused_for_an_engine_that_does_not_announce_pieces() -> None:
    with pytest.raises(InvalidArgument, match=r"'fake' renders scenes as a whole only\. Leave"):
        await operations_run(PIECE, 0.0)
