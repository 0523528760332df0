"""What a service loads after its start."""

from pathlib import Path
from typing import Any

from services.chassis.engine_api.entry import EngineEntry
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.pool import EnginePool
from services.chassis.storage import ObjectStore
from services.chassis.worker.warming import warm_up

MODULE = "tests.integration.chassis.scripted_engine"


def refuse(endpoint: str) -> Any:
    raise ValueError(f"Invalid endpoint: {endpoint}")


async def test_all_engines_are_opened_although_the_client_of_the_store_and_one_engine_fail(
    tmp_path: Path,
) -> None:
    store = ObjectStore(refuse, "store", "store", "bucket")
    broken = EnginePool(
        EngineEntry("unavailable", f"{MODULE}:UnavailableEngine"), ChildSettings(tmp_path), size=1
    )
    pool = EnginePool(EngineEntry("scripted", f"{MODULE}:ScriptedEngine"), ChildSettings(tmp_path), size=2)
    try:
        await warm_up(store, [broken, pool], after_seconds=0)
        assert (len(broken.pids), len(pool.pids)) == (0, 2)
    finally:
        await pool.close()
        await broken.close()
