"""Waits for cloned voices that are being made: other providers' clients speak with a voice at once."""

import asyncio

from services.gateway.components import Components
from services.gateway.jobs.event_stream import EventStream
from services.gateway.voices import cloned
from services.gateway.voices.cloned import ClonedVoice, ReadyVoice, unknown_voice

WAIT_SECONDS = 180.0
"""Time for which a response waits for a voice: less than clients wait for a response."""


async def until_ready(components: Components, workspace: str, voice: str, param: str) -> ReadyVoice:
    """Returns the cloned voice once it can speak. Raises a refusal that names `param` if there is none, if it
    could not be made, or if it is still being made after a while."""
    found = await until_made(components, workspace, voice)
    if found is None:
        raise unknown_voice(voice, param)
    return found.ready(param)


async def until_made(components: Components, workspace: str, voice: str) -> ClonedVoice | None:
    """Returns the cloned voice when it is made or cannot be, or as it is after a while; `None` if there is
    none."""
    found = await _read(components, workspace, voice)
    if found is None or found.status.terminal:
        return found
    jobs = components.jobs
    stream = EventStream(jobs.pool, jobs.presenter, jobs.notifications)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            async for _ in stream.follow(workspace, voice, 0):
                pass
    except TimeoutError:
        pass
    return await _read(components, workspace, voice)


async def _read(components: Components, workspace: str, voice: str) -> ClonedVoice | None:
    async with components.pool.acquire() as connection:
        return (await cloned.find(connection, workspace, [voice])).get(voice)
