"""Follows a job until it has ended."""

from typing import Protocol

from services.cli.client import GatewayClient, Job, JobEvent


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
