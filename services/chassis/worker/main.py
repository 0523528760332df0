"""Entry point and end of a service's process: event loop, garbage collector and exit."""

import atexit
import os
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import uvloop

from services.chassis.observability.gc_tuning import collect_rarely
from services.chassis.observability.loop_lag import watched

T = TypeVar("T")


def run_process(main: Coroutine[Any, Any, T]) -> T:
    """Runs `main` to its end and returns its result. Call it after all imports.

    The event loop is uvloop, which costs half of asyncio's own; how late it runs is watched.
    """
    collect_rarely()
    return uvloop.run(watched(main))


def end_process(status: int) -> NoReturn:
    """Ends the process with that exit status, after the exit functions, which write the last logs and spans.

    The interpreter's own end is left out: it frees every object, which takes longer than everything else that
    an idle service does to stop. Call it when `run_process` has returned, so that all connections are closed.
    """
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage] - there is no public way
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)
