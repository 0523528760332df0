"""Guarantees of every bus about leases; their observation has begun before (see `conftest.leases`)."""

import asyncio

import pytest

from tests.conformance.bus.leases import LEASES
from tests.observing import Observed, report


@pytest.mark.parametrize("observation", LEASES)
async def test_lease_guarantee(leases: "asyncio.Task[Observed]", observation: str) -> None:
    report(await leases, observation)
