"""Gives endpoints the caller's workspace, which `GuardedRoute` has found by the API key."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer

ELEVENLABS_KEY_HEADER = "xi-api-key"
bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer <API key>`")

elevenlabs_key = APIKeyHeader(name=ELEVENLABS_KEY_HEADER, auto_error=False, description="The same key.")


def workspace_of(request: Request) -> str:
    return request.state.workspace


def speaks_elevenlabs(request: Request) -> bool:
    """Returns whether the caller sends its key as ElevenLabs' clients do, which read a few responses in
    shapes of their own."""
    return ELEVENLABS_KEY_HEADER in request.headers


Workspace = Annotated[str, Depends(workspace_of)]
SpeaksElevenLabs = Annotated[bool, Depends(speaks_elevenlabs)]
REQUIRES_KEY = [Depends(bearer), Depends(elevenlabs_key)]
"""Dependencies of routers: they show in the API's description what `GuardedRoute` requires."""
