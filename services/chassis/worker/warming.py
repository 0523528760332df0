"""Loads after a service's start what its first stages would wait for."""

import asyncio
from collections.abc import Iterable

import structlog

from services.chassis.engine_host.pool import EnginePool
from services.chassis.storage import ObjectStore

log = structlog.get_logger()


async def warm_up(store: ObjectStore, pools: Iterable[EnginePool], after_seconds: float) -> None:
    """Loads the store's client, then opens the other hosts of each engine while it has no request.

    What fails is logged: the first stage that needs it fails in the same way, and reports it.
    """
    await asyncio.sleep(after_seconds)
    try:
        await store.open()
    except Exception:
        log.exception("store.warm_failed")
    for pool in pools:
        await pool.warm()
