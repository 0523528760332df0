"""A request that is sent twice with the same `Idempotency-Key` is carried out once."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Header

from services.gateway.components import Components
from services.gateway.db.pool import Connection
from services.gateway.http.errors import ApiError
from services.gateway.idempotency.repository import AlreadyMade, Claim, claim_key, object_made
from services.gateway.jobs.store.writer import ExtraWrites

T = TypeVar("T")
Claimed = Callable[[str], ExtraWrites | None]
"""From the id of what is made to what must be written with it."""
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        description="The same key with the same request gives the same object back for 24 hours.",
    ),
]


async def create_once(
    components: Components,
    claim: Claim | None,
    make: Callable[[Claimed], Awaitable[T]],
    find: Callable[[str], Awaitable[T | None]],
) -> T:
    """What `make` makes, or `find` finds if the claim's key has made it before.

    `make` writes the claim together with what it makes: of two at once, one finds what the other makes.
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
    async def write(connection: Connection) -> None:
        await claim_key(connection, claim, object_id, components.clock())

    return write
