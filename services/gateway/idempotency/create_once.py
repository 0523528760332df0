"""Carries out a request once that is sent several times with the same `Idempotency-Key`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Header

from services.gateway.components import Components
from services.gateway.db.pool import Connection
from services.gateway.http.declared import Codes
from services.gateway.http.errors import ApiError
from services.gateway.idempotency.repository import AlreadyMade, Claim, claim_key, object_made
from services.gateway.jobs.store.writer import ExtraWrites

T = TypeVar("T")
IDEMPOTENCY: Codes = {409: "idempotency_object_deleted", 422: "idempotency_key_reused"}
"""Errors of endpoints that take an `Idempotency-Key`."""
Claimed = Callable[[str], ExtraWrites | None]
"""Returns, for the id of the created object, the writes that store the key in the same transaction; `None`
without a key."""
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        description="The same key with the same request returns the same object for 24 hours.",
    ),
]


async def create_once(
    components: Components,
    claim: Claim | None,
    make: Callable[[Claimed], Awaitable[T]],
    find: Callable[[str], Awaitable[T | None]],
) -> T:
    """Returns the object that `make` creates, or that `find` finds if the claim's key has created one before.

    `make` writes the claim in the transaction that stores the object: of two concurrent calls, one finds the
    object of the other. Raises a 422 if the key was used for another request, a 409 if its object was
    deleted.
    """
    if claim is None:
        return await make(lambda _: None)
    async with components.pool.acquire() as connection:
        made = await object_made(connection, claim, components.clock())
    if made is None:
        try:
            return await make(lambda object_id: writer_of(components, claim, object_id))
        except AlreadyMade as exc:
            made = exc.object_id
    found = await find(made)
    if found is None:
        message = f"This Idempotency-Key has made {made!r}, which was deleted. Use a new key."
        raise ApiError(409, "idempotency_object_deleted", message, "idempotency-key")
    return found


def writer_of(components: Components, claim: Claim, object_id: str) -> ExtraWrites:
    """Returns the writes that store the claim. They raise `AlreadyMade`."""

    async def write(connection: Connection) -> None:
        await claim_key(connection, claim, object_id, components.clock())

    return write
