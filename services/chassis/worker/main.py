"""How the process of a service runs."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from services.chassis.observability.gc_tuning import collect_rarely

T = TypeVar("T")


def run_process(life: Coroutine[Any, Any, T]) -> T:
    """All of a process's life, on an event loop that costs half of asyncio's own. Call it when everything
    is imported."""
    collect_rarely()
    return uvloop.run(life)
