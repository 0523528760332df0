"""Tests that mostly wait run side by side: all are made at once, each is reported by itself."""

import asyncio
from collections.abc import Awaitable, Mapping

Observed = Mapping[str, BaseException | None]


async def observe(made: Mapping[str, Awaitable[None]]) -> Observed:
    outcomes = await asyncio.gather(*made.values(), return_exceptions=True)
    return dict(zip(made, outcomes, strict=True))


def report(observed: Observed, name: str) -> None:
    """Raises what was raised."""
    if (failure := observed[name]) is not None:
        raise failure
