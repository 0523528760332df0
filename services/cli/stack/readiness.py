"""Waits until the stack as a whole can make a video."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from services.cli.errors import StackError
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.http_request import REQUEST_ERRORS, request
from services.cli.stack.log_tail import log_tail
from services.cli.stack.stack_services import GATEWAY, worker_names

READY_SECONDS = 300.0
POLL_SECONDS = 0.05
HOPELESS_FAILURES = 3
ERROR_CHARACTERS = 300


async def until_stack_ready(
    url: str, api_key: str, failures: Callable[[str], int], folder: DataFolder
) -> None:
    """Returns once the gateway is ready and knows of a live worker of each service.

    `failures` returns how often a service has died in a row. Raises StackError with the log's tail if a
    service dies again and again, and StackError if all together take too long.
    """
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    while missing := await missing_in(url, api_key):
        for name in (GATEWAY, *worker_names()):
            if failures(name) >= HOPELESS_FAILURES:
                raise StackError(f"{name} dies again and again:\n{log_tail(folder.log(name))}")
        if asyncio.get_running_loop().time() > deadline:
            raise StackError(
                f"Not ready after {READY_SECONDS:g} s: {missing}. See the logs in {folder.logs}."
            )
        await asyncio.sleep(POLL_SECONDS)


async def missing_in(url: str, api_key: str) -> str | None:
    """Returns what the stack still lacks, in words; `None` if it is ready."""
    headers = {"Authorization": f"Bearer {api_key}"}
    try:
        status, body = await request(f"{url}/v1/engines", headers=headers)
        if status != 200:
            return f"the gateway does not list its engines: {shown(body)}"
        if absent := services_without_worker(json.loads(body)["data"]):
            return f"no worker yet for {', '.join(absent)}"
        # Asked last: it checks database, broker and store, which costs more than the list.
        status, body = await request(f"{url}/readyz")
    except REQUEST_ERRORS as exc:
        return f"the gateway does not answer ({type(exc).__name__})"
    return None if status == 200 else f"the gateway is not ready: {shown(body)}"


def shown(body: bytes) -> str:
    return body[:ERROR_CHARACTERS].decode(errors="replace")


def services_without_worker(engines: list[dict[str, Any]]) -> list[str]:
    """Returns the worker services of which no engine has a live worker."""
    alive = {engine["service"] for engine in engines if engine["workers"]}
    return [service for service in worker_names() if service not in alive]
