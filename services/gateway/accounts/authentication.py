"""Who calls: a bearer API key opens one workspace."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.gateway.accounts import repository
from services.gateway.components import Components, components_of
from services.gateway.errors import ApiError

bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer <API key>`")


async def authenticate(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    components: Annotated[Components, Depends(components_of)],
) -> str:
    """The caller's workspace. Answers 401 for a missing or unknown key."""
    if credentials is None:
        message = "No API key was sent. Send the header `Authorization: Bearer <API key>`."
        raise ApiError(401, "missing_api_key", message)
    async with components.pool.acquire() as connection:
        workspace = await repository.workspace_of_key(connection, credentials.credentials)
    if workspace is None:
        message = (
            "This API key is unknown or has been revoked. `likeness status` shows the key of a local stack."
        )
        raise ApiError(401, "invalid_api_key", message)
    return workspace


Workspace = Annotated[str, Depends(authenticate)]
