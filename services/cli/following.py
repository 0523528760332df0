"""Follows a job until it has ended."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from services.cli.client import GatewayClient, Job, JobEvent
from services.cli.errors import CliError


class JobObserver(Protocol):
    """Receives the events of a job, and notes in words."""

    def handle_event(self, event: JobEvent) -> None: ...

    def note(self, text: str) -> None: ...


async def follow_to_end(client: GatewayClient, job: Job, observer: JobObserver) -> Job:
    """Returns the ended job. The observer gets every event from the job's beginning."""
    async for event in client.follow(job):
        job = event.job
        observer.handle_event(event)
    return job


async def create_and_follow(
    client: GatewayClient, creation: Coroutine[Any, Any, Job], observer: JobObserver
) -> Job:
    """Returns the ended job that `creation` creates. If cancelled, cancels the job too."""
    # Shielded: a job whose creation was requested can be cancelled only by its id.
    created = asyncio.ensure_future(creation)
    try:
        job = await asyncio.shield(created)
        observer.note(f"{job['object']} {job['id']}")
        return await follow_to_end(client, job, observer)
    except asyncio.CancelledError:
        await cancel(client, created, observer)
        raise


async def cancel(client: GatewayClient, created: "asyncio.Future[Job]", observer: JobObserver) -> None:
    """Cancels the job that was created, and notes the result. Does not raise if the gateway refuses."""
    try:
        job = await client.cancel((await created)["id"])
    except CliError as exc:
        observer.note(f"it could not be cancelled: {exc.message}")
    else:
        observer.note(f"{job['object']} {job['id']} is {job['status']}")
