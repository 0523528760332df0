"""Entry point of a service's process: event loop and garbage collector."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from services.chassis.observability.gc_tuning import collect_rarely

T = TypeVar("T")


def run_process(main: Coroutine[Any, Any, T]) -> T:
    """Runs `main` to its end and returns its result. Call it after all imports.

    The event loop is uvloop, which costs half of asyncio's own.
    """
    collect_rarely()
    return uvloop.run(main)
