"""Waits until the stack as a whole can make a video."""

import asyncio
from collections.abc import Callable
from typing import Any

from services.cli.errors import StackError
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.log_tail import log_tail
from services.cli.stack.stack_services import GATEWAY, worker_names

READY_SECONDS = 120.0
POLL_SECONDS = 0.2
HOPELESS_FAILURES = 3


async def until_stack_ready(
    url: str, api_key: str, failures: Callable[[str], int], folder: DataFolder
) -> None:
    """Returns once the gateway is ready and knows of a live worker of each service.

    `failures` returns how often a service has died in a row. Raises StackError with the log's tail if a
    service dies again and again, and StackError if all together take too long.
    """
    import httpx2

    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    headers = {"Authorization": f"Bearer {api_key}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=10, trust_env=False) as http:
        while missing := await missing_in(http):
            for name in (GATEWAY, *worker_names()):
                if failures(name) >= HOPELESS_FAILURES:
                    raise StackError(f"{name} dies again and again:\n{log_tail(folder.log(name))}")
            if asyncio.get_running_loop().time() > deadline:
                raise StackError(
                    f"Not ready after {READY_SECONDS:g} s: {missing}. See the logs in {folder.logs}."
                )
            await asyncio.sleep(POLL_SECONDS)


async def missing_in(http: Any) -> str | None:
    """Returns what the stack still lacks, in words; `None` if it is ready."""
    import httpx2

    try:
        ready = await http.get("/readyz")
        if ready.status_code != 200:
            return f"the gateway is not ready: {ready.text[:300]}"
        engines = await http.get("/v1/engines")
        if engines.status_code != 200:
            return f"the gateway does not list its engines: {engines.text[:300]}"
    except httpx2.TransportError as exc:
        return f"the gateway does not answer ({type(exc).__name__})"
    absent = services_without_worker(engines.json()["data"])
    return f"no worker yet for {', '.join(absent)}" if absent else None


def services_without_worker(engines: list[dict[str, Any]]) -> list[str]:
    """Returns the worker services of which no engine has a live worker."""
    alive = {engine["service"] for engine in engines if engine["workers"]}
    return [service for service in worker_names() if service not in alive]
