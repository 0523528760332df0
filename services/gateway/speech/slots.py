"""Holds a slot for speech as long as a request takes."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends

from services.gateway.components import Wired
from services.gateway.http.auth import Workspace
from services.gateway.http.declared import Codes

LIMITED: Codes = {429: "concurrency_limit_reached"}
"""Errors of every endpoint that makes speech at once."""


async def hold_slot(workspace: Workspace, components: Wired) -> AsyncGenerator[None]:
    """Holds a slot until the response has been sent."""
    with components.speech_slots.taken(workspace):
        yield


HOLDS_SLOT = [Depends(hold_slot)]
Slot = Annotated[None, Depends(hold_slot)]
