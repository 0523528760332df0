"""Runs observations that mostly wait at the same time, and reports each in its own test."""

import asyncio
from collections.abc import Awaitable, Mapping

Observed = Mapping[str, BaseException | None]


async def observe(observations: Mapping[str, Awaitable[None]]) -> Observed:
    """Awaits all observations; returns the exception of each by its name, or None if it passed."""
    outcomes = await asyncio.gather(*observations.values(), return_exceptions=True)
    return dict(zip(observations, outcomes, strict=True))


def report(observed: Observed, name: str) -> None:
    """Raises the exception of the named observation, if there is one."""
    if (failure := observed[name]) is not None:
        raise failure
