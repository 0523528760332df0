"""Calls of the gateway's API about cloned voices."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.cli.client import GatewayClient, Job, quoted
from services.cli.errors import JobFailed
from services.cli.following import JobObserver, create_and_follow
from services.cli.job_text import failure_text
from services.cli.refusal import Options

URL = "/v1/audio/voices"
VOICE_OPTIONS: Options = {
    "name": "--name",
    "references": "RECORDING",
    "consent": "--consent",
    "language": "--language",
    "description": "--description",
    "model": "--engine",
}


async def create_voice(
    client: GatewayClient, request: dict[str, Any], recordings: Sequence[Path], observer: JobObserver
) -> Job:
    """Returns the voice once it can speak. If cancelled, cancels its making.

    Raises JobFailed with the stage's error.
    """
    body = {**request, "references": [await client.upload(path) for path in recordings]}
    voice = await create_and_follow(client, client.call("POST", URL, VOICE_OPTIONS, json=body), observer)
    if voice["status"] != "completed":
        raise JobFailed(failure_text(voice))
    return voice


async def delete_voice(client: GatewayClient, voice_id: str) -> None:
    await client.call("DELETE", f"/v1/voices/{quoted(voice_id)}")
