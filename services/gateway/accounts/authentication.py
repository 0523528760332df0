"""Who calls, for the endpoints: `GuardedRoute` has seen to it before."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer <API key>`")


def workspace_of(request: Request) -> str:
    return request.state.workspace


Workspace = Annotated[str, Depends(workspace_of)]
REQUIRES_KEY = [Depends(bearer)]
"""Of routers: shows in the API's description what `GuardedRoute` requires."""
