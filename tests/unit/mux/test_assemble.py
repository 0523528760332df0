from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

import pytest

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument
from services.mux.assemble import Request, assemble
from services.mux.engines.protocol import Assembly, AudioAssembly, AudioFormat

VIDEO = Assembly((), Path())
AUDIO = AudioAssembly((), Path(), AudioFormat.MP3)


class FakePool:
    """Replaces an `EnginePool`; yields the operation's name."""

    name = "fake"

    def __init__(self, *operations: str) -> None:
        self._operations = operations

    async def spec(self) -> EngineSpec:
        return EngineSpec("mux", "fake", "1", operations=self._operations)

    async def run(self, operation: str, request: Any) -> AsyncGenerator[Any]:
        yield operation


async def operations_run(request: Request, *operations: str) -> list[Any]:
    pool = cast(EnginePool, FakePool(*operations))
    return [item async for item in assemble(pool, request)]


@pytest.mark.parametrize(
    ("request_", "operations", "run"),
    [
        (VIDEO, (), "assemble"),
        (VIDEO, ("assemble", "assemble_audio"), "assemble"),
        (AUDIO, ("assemble", "assemble_audio"), "assemble_audio"),
    ],
)
async def test_the_kind_of_request_chooses_the_operation(
    request_: Request, operations: tuple[str, ...], run: str
) -> None:
    assert await operations_run(request_, *operations) == [run]


@pytest.mark.parametrize(("request_", "operations"), [(AUDIO, ()), (VIDEO, ("assemble_audio",))])
async def test_an_operation_that_the_engine_does_not_announce_is_refused(
    request_: Request, operations: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidArgument, match=r"'fake' cannot assemble.* Choose another engine"):
        await operations_run(request_, *operations)
